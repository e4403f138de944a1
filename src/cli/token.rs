//! `innkeeper token`.

use super::user::Failure;
use crate::db::Database;
use crate::staff::{Role, token};

/// API tokens.
#[derive(clap::Subcommand, Debug)]
pub enum Token {
    /// Make a token and print it, this once.
    Add {
        /// What it is for.
        name: String,
        /// front_desk, host, marketing, manager, admin or pms.
        #[arg(long)]
        role: Role,
        /// A house the rights hold for; repeat for more. None: every house.
        #[arg(long, value_name = "CODE")]
        property: Vec<String>,
    },
    /// List tokens.
    List,
    /// Revoke a token.
    Revoke {
        /// Which.
        name: String,
    },
}

impl Token {
    /// Runs it.
    pub fn run(self, db: &Database) -> Result<u8, String> {
        match self {
            Self::Add {
                name,
                role,
                property,
            } => {
                if name.trim().is_empty() || name.chars().count() > 64 {
                    return Err(format!("NAME '{name}': it needs 1 to 64 characters"));
                }
                let houses = super::houses(db, &property)?;
                let made = db.write(|conn| {
                    if token::Token::all(conn)?
                        .iter()
                        .any(|token| token.name == name)
                    {
                        return Err(Failure(format!(
                            "NAME '{name}': there is such a token already"
                        )));
                    }
                    Ok(token::Token::issue(conn, &name, role, &houses)?)
                });
                println!("{}", made.map_err(|failure| failure.0)?);
            }
            Self::List => {
                let tokens = db
                    .read(|conn| Ok::<_, Failure>(token::Token::all(conn)?))
                    .map_err(|failure| failure.0)?;
                for token in tokens {
                    let state = if token.revoked_at.is_some() {
                        "revoked"
                    } else {
                        ""
                    };
                    let used = token
                        .last_used_at
                        .map_or("never used".into(), |at| at.to_string());
                    println!("{}\t{}\t{used}\t{state}", token.name, token.role);
                }
            }
            Self::Revoke { name } => {
                let revoked = db
                    .write(|conn| Ok::<_, Failure>(token::Token::revoke(conn, &name)?))
                    .map_err(|failure| failure.0)?;
                if !revoked {
                    return Err(format!("NAME '{name}': no such token in force"));
                }
                println!("{name} is revoked");
            }
        }
        Ok(0)
    }
}
