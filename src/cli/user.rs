//! `innkeeper user`.

use std::io::{self, BufRead, IsTerminal};

use crate::db::Database;
use crate::staff::{Role, password, user};

/// Staff accounts.
#[derive(clap::Subcommand, Debug)]
pub enum User {
    /// Add an account; the password is read from the terminal or from standard input.
    Add {
        /// What they sign in with.
        name: String,
        /// front_desk, host, marketing, manager or admin.
        #[arg(long)]
        role: Role,
        /// A house the rights hold for; repeat for more. None: every house.
        #[arg(long, value_name = "CODE")]
        property: Vec<String>,
        /// What colleagues read [default: the name].
        #[arg(long)]
        display_name: Option<String>,
    },
    /// List accounts.
    List,
    /// Set a new password; ends the account's sessions.
    Password {
        /// Whose.
        name: String,
    },
    /// Disable an account; ends its sessions.
    Disable {
        /// Whose.
        name: String,
    },
}

impl User {
    /// Runs it.
    pub fn run(self, db: &Database) -> Result<u8, String> {
        match self {
            Self::Add {
                name,
                role,
                property,
                display_name,
            } => {
                if role == Role::Pms {
                    return Err("--role pms is for API tokens; see innkeeper token add".into());
                }
                if name.trim().is_empty() || name.chars().count() > 64 {
                    return Err(format!("NAME '{name}': it needs 1 to 64 characters"));
                }
                let houses = super::houses(db, &property)?;
                let hash = read_password()?;
                let display_name = display_name.unwrap_or_else(|| name.clone());
                let new = user::NewUser {
                    name: &name,
                    display_name: &display_name,
                    role,
                    password_hash: &hash,
                    houses: &houses,
                };
                db.write(|conn| {
                    if user::User::by_name(conn, &name)?.is_some() {
                        return Err(Failure(format!(
                            "NAME '{name}': there is such an account already"
                        )));
                    }
                    Ok(new.insert(conn).map(drop)?)
                })
                .map_err(|failure| failure.0)?;
                println!("{} can sign in as {role}", user::fold_name(&name));
            }
            Self::List => {
                let rows = db.read(|conn| {
                    let users = user::User::all(conn)?;
                    users
                        .into_iter()
                        .map(|user| Ok((user.property_codes(conn)?, user)))
                        .collect::<Result<Vec<_>, Failure>>()
                });
                for (codes, user) in rows.map_err(|failure| failure.0)? {
                    let houses = if user.all_properties {
                        "every house".into()
                    } else {
                        codes.join(",")
                    };
                    let state = if user.disabled_at.is_some() {
                        "disabled"
                    } else {
                        ""
                    };
                    println!(
                        "{}\t{}\t{}\t{houses}\t{state}",
                        user.name, user.display_name, user.role
                    );
                }
            }
            Self::Password { name } => {
                let hash = read_password()?;
                with_user(db, &name, |conn, id| user::set_password(conn, id, &hash))?;
                println!("the password of {name} is changed");
            }
            Self::Disable { name } => {
                with_user(db, &name, user::disable)?;
                println!("{name} is disabled");
            }
        }
        Ok(0)
    }
}

fn with_user(
    db: &Database,
    name: &str,
    f: impl FnOnce(&mut crate::db::Conn, i64) -> diesel::QueryResult<()>,
) -> Result<(), String> {
    db.write(|conn| {
        let user = user::User::by_name(conn, name)?
            .ok_or_else(|| Failure(format!("NAME '{name}': no such account")))?;
        Ok::<_, Failure>(f(conn, user.id)?)
    })
    .map_err(|failure| failure.0)
}

/// A password twice from the terminal, or a line of standard input.
fn read_password() -> Result<String, String> {
    let text = if io::stdin().is_terminal() {
        let first = rpassword::prompt_password("Password: ").map_err(|error| error.to_string())?;
        let again = rpassword::prompt_password("Again: ").map_err(|error| error.to_string())?;
        if first != again {
            return Err("the two passwords differ".into());
        }
        first
    } else {
        let mut line = String::new();
        io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(|error| format!("standard input: {error}"))?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    password::check(&text)?;
    password::hash(&text)
}

/// Why a command failed, in one line.
pub(super) struct Failure(pub(super) String);

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<crate::db::Unavailable> for Failure {
    fn from(error: crate::db::Unavailable) -> Self {
        Self(error.to_string())
    }
}
