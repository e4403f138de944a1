//! An amount in minor units and its currency.

use rusty_money::{FormattableCurrency, iso};

/// An amount of money: minor units (cents, fen) of an ISO 4217 currency.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
    /// ISO 4217 code.
    pub currency: String,
}

/// How many decimals a currency has (2 for EUR, 0 for JPY); none for a code that is not ISO 4217.
pub fn minor_digits(currency: &str) -> Option<u32> {
    iso::find(currency).map(|currency| currency.exponent())
}

impl Money {
    /// An amount in minor units.
    pub fn new(minor: i64, currency: impl Into<String>) -> Self {
        Self {
            minor,
            currency: currency.into(),
        }
    }

    /// Reads major units with a dot: `180`, `180.5`, `-4.25`. The error says what would be right.
    pub fn parse(text: &str, currency: &str) -> Result<i64, String> {
        let wrong =
            || format!("'{text}' is not an amount; write major units with a dot, such as 180.00");
        let digits = minor_digits(currency)
            .ok_or_else(|| format!("'{currency}' is not an ISO 4217 currency"))?;
        let (sign, number) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (major, minor) = number.split_once('.').unwrap_or((number, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if major.is_empty() || major.len() > 12 || !all_digits(major) || !all_digits(minor) {
            return Err(wrong());
        }
        // More decimals than the currency has are fine when they are zeros: "100.00" JPY.
        let digits = digits as usize;
        let (kept, beyond) = minor.split_at(minor.len().min(digits));
        if beyond.bytes().any(|b| b != b'0') {
            return Err(format!(
                "'{text}' has more decimals than {currency}, which has {digits}"
            ));
        }
        format!("{major}{kept:0<digits$}")
            .parse::<i64>()
            .map(|minor| sign * minor)
            .map_err(|_| wrong())
    }

    /// Major units with a dot and all decimals, for files and the API: `180.00`.
    pub fn major(&self) -> String {
        let digits = minor_digits(&self.currency).unwrap_or(2) as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let number = format!("{:0>width$}", self.minor.unsigned_abs(), width = digits + 1);
        let (major, minor) = number.split_at(number.len() - digits);
        if digits == 0 {
            format!("{sign}{major}")
        } else {
            format!("{sign}{major}.{minor}")
        }
    }
}

/// With the currency's sign and thousands apart: `€1,234.50`; decimals only where they are not zero.
impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let symbol =
            iso::find(&self.currency).map_or(self.currency.as_str(), |currency| currency.symbol());
        let text = self.major();
        let (sign, text) = text
            .strip_prefix('-')
            .map_or(("", text.as_str()), |rest| ("−", rest));
        let (major, minor) = text.split_once('.').unwrap_or((text, ""));
        write!(f, "{sign}{symbol}")?;
        for (index, digit) in major.chars().enumerate() {
            if index > 0 && (major.len() - index).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        if minor.bytes().any(|b| b != b'0') {
            write!(f, ".{minor}")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written_by_the_currencys_decimals() {
        assert_eq!(Money::parse("180", "CNY"), Ok(18_000));
        assert_eq!(Money::parse("-4.25", "EUR"), Ok(-425));
        assert_eq!(Money::parse("1200.00", "JPY"), Ok(1_200));
        assert!(Money::parse("1,200", "EUR").is_err());
        assert!(Money::parse("1.005", "EUR").is_err());
        assert!(Money::parse("1", "XQQ").is_err());
        assert_eq!(Money::new(123_450, "EUR").to_string(), "€1,234.50");
        assert_eq!(Money::new(18_000, "CNY").to_string(), "¥180");
        assert_eq!(Money::new(-5, "EUR").major(), "-0.05");
    }
}
