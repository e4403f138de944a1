//! Files for a spreadsheet.

use std::borrow::Cow;

use super::AppError;

/// A table as CSV.
pub fn csv(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<String, AppError> {
    let failed = |error: String| AppError::Internal(error);
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(header)
        .map_err(|error| failed(error.to_string()))?;
    for row in rows {
        let cells = row.iter().map(|text| cell(text).into_owned());
        file.write_record(cells.collect::<Vec<_>>())
            .map_err(|error| failed(error.to_string()))?;
    }
    let bytes = file
        .into_inner()
        .map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

/// A cell that a spreadsheet takes for text: what begins with these would be a formula.
fn cell(text: &str) -> Cow<'_, str> {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}").into(),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_text() {
        let rows = [vec![
            "=1+1".to_owned(),
            "a, b".into(),
            "-5".into(),
            "@x".into(),
        ]];
        let file = csv(&["a", "b", "c", "d"], rows.into_iter()).unwrap();
        assert_eq!(file, "a,b,c,d\n'=1+1,\"a, b\",'-5,'@x\n");
    }
}
