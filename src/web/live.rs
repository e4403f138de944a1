//! News for open boards: which house changed. The browser then asks for the board itself.
//!
//! Nodes over one PostgreSQL tell each other; see [`notices`].

use std::time::Duration;

use actix_web::{HttpResponse, Responder, web};
use actix_web_lab::sse;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};

use super::desk::View;
use super::{App, AppError, Desk};
use crate::db::DatabaseUrl;
use crate::db::notices::{self, Heard, Told};

/// How long a silent connection is kept from being cut by what is between.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// After this long a board connects anew: rights may have changed meanwhile.
const LONGEST: Duration = Duration::from_secs(300);

/// Tells open boards that something changed in a house.
pub struct Hub {
    boards: broadcast::Sender<Heard>,
    nodes: Option<Told>,
}

impl Hub {
    /// Of the boards of this node, and of all nodes over one PostgreSQL.
    pub fn over(url: &DatabaseUrl) -> Self {
        let boards = broadcast::channel(256).0;
        let nodes = match url {
            DatabaseUrl::Sqlite(_) => None,
            DatabaseUrl::Postgresql(url) => {
                let boards = boards.clone();
                // An error means that no board is open.
                let hear = move |heard| drop(boards.send(heard));
                notices::exchange(url, hear)
            }
        };
        Self { boards, nodes }
    }

    /// Something changed in a house.
    pub fn changed(&self, property_id: i64) {
        // As above.
        let _ = self.boards.send(Heard::House(property_id));
        if let Some(nodes) = &self.nodes {
            nodes.tell(property_id);
        }
    }
}

/// `GET /live`: an event for each change in the house the clerk is looking at.
pub async fn stream(desk: Desk, app: web::Data<App>) -> HttpResponse {
    of_house(desk, app, |view| Ok(view.house()?.id)).await
}

/// An event for each change in a house, if the clerk may hear of it.
pub(super) async fn of_house(
    desk: Desk,
    app: web::Data<App>,
    house: impl FnOnce(&mut View<'_>) -> Result<i64, AppError> + Send + 'static,
) -> HttpResponse {
    let request = desk.request();
    let house = desk.peek(|view| Ok((house(view)?, view.words()))).await;
    let (property_id, words) = match house {
        Ok(house) => house,
        Err(answer) => return answer,
    };
    let mut news = app.live.boards.subscribe();
    let (sender, receiver) = mpsc::channel(8);
    actix_web::rt::spawn(async move {
        // The browser comes back at once, and is asked again who it is.
        let end = tokio::time::sleep(LONGEST);
        tokio::pin!(end);
        loop {
            let news = tokio::select! {
                news = news.recv() => news,
                () = sender.closed() => return,
                () = &mut end => return,
            };
            match news {
                Ok(Heard::House(id)) if id != property_id => {}
                // A board that fell behind asks for everything again, which is what it does anyway.
                Ok(_) | Err(RecvError::Lagged(_)) => {
                    let event = sse::Event::Data(sse::Data::new(words.say("live-changed")));
                    if sender.send(event).await.is_err() {
                        return;
                    }
                }
                Err(RecvError::Closed) => return,
            }
        }
    });
    sse::Sse::from_infallible_receiver(receiver)
        .with_keep_alive(HEARTBEAT)
        .respond_to(&request)
        .map_into_boxed_body()
}
