//! The numbers of accounts: ours end in a check digit (Luhn), so that a slip is seen when one is typed.

use crate::secret;

/// Digits of a number we make, the check digit among them.
const DIGITS: usize = 10;

/// A number nobody has chosen. Whether it is free, the caller asks the database.
pub fn make() -> String {
    let random = u64::from_le_bytes(secret::random());
    // The first digit is never 0: a spreadsheet would lose it.
    let body = 100_000_000 + random % 900_000_000;
    let mut number = body.to_string();
    number.extend(char::from_digit(check_digit(&number), 10));
    number
}

/// The digit that makes a number right.
fn check_digit(body: &str) -> u32 {
    (10 - sum(body.chars().rev(), true) % 10) % 10
}

/// Whether the digits of a number, dashes and spaces left out, end in their check digit.
pub fn is_right(number: &str) -> bool {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits.len() >= 2 && sum(digits.iter().rev().copied(), false) % 10 == 0
}

/// Whether a number has the shape of ours: as many digits and nothing else.
pub fn is_ours(number: &str) -> bool {
    number.len() == DIGITS && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits from the last on, every second one doubled, and the digits of what that gives added.
fn sum(digits: impl Iterator<Item = char>, doubles_first: bool) -> u32 {
    digits
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(place, digit)| match (place % 2 == 0) == doubles_first {
            true => digit * 2 / 10 + digit * 2 % 10,
            false => digit,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_numbers_are_right_or_wrong() {
        assert!(is_right("79927398713"));
        assert!(is_right("4539 1488-0343 6467"));
        assert!(!is_right("79927398710"));
        assert!(!is_right("7"));
        assert!(!is_right("RH-"));
    }

    proptest! {
        #[test]
        fn one_digit_mistyped_or_two_neighbours_swapped_are_seen(place in 0_usize..9, other in 0_u32..10) {
            let number = make();
            prop_assert!(is_ours(&number) && is_right(&number));
            let mut digits: Vec<char> = number.chars().collect();
            let typed = char::from_digit(other, 10).unwrap();
            if digits[place] != typed {
                let old = std::mem::replace(&mut digits[place], typed);
                prop_assert!(!is_right(&digits.iter().collect::<String>()));
                digits[place] = old;
            }
            let (a, b) = (digits[place], digits[place + 1]);
            // 09 and 90 are what Luhn can't tell apart.
            if a != b && !matches!((a, b), ('0', '9') | ('9', '0')) {
                digits.swap(place, place + 1);
                prop_assert!(!is_right(&digits.iter().collect::<String>()));
            }
        }
    }
}
