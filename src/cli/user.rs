//! `innkeeper user`.

use std::io::{self, BufRead, IsTerminal};

use crate::db::{Conn, Database};
use crate::dining::Outlet;
use crate::properties::Property;
use crate::staff::outlets::{self, Untied};
use crate::staff::{Houses, Role, password, user};

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
        /// A restaurant a host is limited to; repeat for more. None: every one of the houses.
        #[arg(long, value_name = "CODE")]
        outlet: Vec<String>,
        /// What colleagues read [default: the name].
        #[arg(long)]
        display_name: Option<String>,
    },
    /// List accounts.
    List,
    /// Limit a host to these restaurants; to none, and every one of their houses is theirs.
    Outlets {
        /// Whose.
        name: String,
        /// Codes of restaurants.
        outlet: Vec<String>,
    },
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
                outlet,
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
                    let tied = tied(conn, role, &houses, &outlet)?;
                    let id = new.insert(conn)?;
                    Ok(outlets::tie(conn, id, &tied.iter().collect::<Vec<_>>())?)
                })
                .map_err(|failure| failure.0)?;
                println!("{} can sign in as {role}", user::fold_name(&name));
            }
            Self::List => {
                let rows = db.read(|conn| {
                    let users = user::User::all(conn)?;
                    let tied = outlets::all(conn)?;
                    users
                        .into_iter()
                        .map(|user| Ok((places(conn, &user, &tied)?, user)))
                        .collect::<Result<Vec<_>, Failure>>()
                });
                for (places, user) in rows.map_err(|failure| failure.0)? {
                    let state = if user.disabled_at.is_some() {
                        "disabled"
                    } else {
                        ""
                    };
                    println!(
                        "{}\t{}\t{}\t{places}\t{state}",
                        user.name, user.display_name, user.role
                    );
                }
            }
            Self::Outlets { name, outlet } => {
                db.write(|conn| {
                    let user = find(conn, &name)?;
                    let houses = houses_of(conn, &user)?;
                    let tied = tied(conn, user.role, &houses, &outlet)?;
                    Ok::<_, Failure>(outlets::tie(
                        conn,
                        user.id,
                        &tied.iter().collect::<Vec<_>>(),
                    )?)
                })
                .map_err(|failure| failure.0)?;
                println!("the restaurants of {name} are changed");
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
    f: impl FnOnce(&mut Conn, i64) -> diesel::QueryResult<()>,
) -> Result<(), String> {
    db.write(|conn| {
        let user = find(conn, name)?;
        Ok::<_, Failure>(f(conn, user.id)?)
    })
    .map_err(|failure| failure.0)
}

fn find(conn: &mut Conn, name: &str) -> Result<user::User, Failure> {
    user::User::by_name(conn, name)?
        .ok_or_else(|| Failure(format!("NAME '{name}': no such account")))
}

fn houses_of(conn: &mut Conn, user: &user::User) -> Result<Houses, Failure> {
    if user.all_properties {
        return Ok(Houses::All);
    }
    let codes = user.property_codes(conn)?;
    let all = Property::all(conn)?.into_iter();
    let theirs = all.filter(|house| codes.contains(&house.code));
    Ok(Houses::Only(theirs.map(|house| house.id).collect()))
}

/// The restaurants of these codes, if an account of that role and those houses can be tied to them.
fn tied(
    conn: &mut Conn,
    role: Role,
    houses: &Houses,
    codes: &[String],
) -> Result<Vec<Outlet>, Failure> {
    let mut named = Vec::new();
    for code in codes {
        let outlet = Outlet::by_code(conn, code)?
            .ok_or_else(|| Failure(format!("--outlet {code}: no such restaurant")))?;
        named.push(outlet);
    }
    let checked = outlets::check(role, houses, &named.iter().collect::<Vec<_>>());
    checked.map_err(|why| {
        Failure(match why {
            Untied::NotAHost => "--outlet is for --role host".into(),
            Untied::OtherHouse(name) => format!("--outlet: {name} is in none of their houses"),
        })
    })?;
    Ok(named)
}

/// "RIV", "every house", and the restaurants behind them.
fn places(
    conn: &mut Conn,
    user: &user::User,
    tied: &[(i64, String, String)],
) -> Result<String, Failure> {
    let houses = if user.all_properties {
        "every house".into()
    } else {
        user.property_codes(conn)?.join(",")
    };
    let theirs = tied.iter().filter(|(id, ..)| *id == user.id);
    let codes: Vec<&str> = theirs.map(|(_, code, _)| code.as_str()).collect();
    Ok(if codes.is_empty() {
        houses
    } else {
        format!("{houses}: {}", codes.join(","))
    })
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
