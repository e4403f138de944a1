//! XML as the tree that the adapters read: `@name` for attributes, `#` for text, a list where an element is repeated.
//!
//! Nothing is fetched and nothing expanded: a document type, and with it every entity of its own, is refused.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value};

/// Elements, attributes and texts, at most.
const NODES: u32 = 50_000;
/// Elements within elements, at most.
const DEPTH: usize = 48;

/// Reads a document; the name of its root, without its namespace, and the tree below. The error says what is wrong.
pub fn read(text: &str) -> Result<(String, Value), String> {
    let options = ParsingOptions {
        nodes_limit: NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => {
            "has a document type; send it without DOCTYPE and entities".to_owned()
        }
        error => format!("is not XML: {error}"),
    })?;
    let root = document.root_element();
    let tree = tree(root, 0)?;
    Ok((root.tag_name().name().to_owned(), tree))
}

fn tree(node: Node<'_, '_>, depth: usize) -> Result<Value, String> {
    if depth >= DEPTH {
        return Err(format!("has more than {DEPTH} elements within each other"));
    }
    let mut object: Map<String, Value> = node
        .attributes()
        .map(|attribute| (format!("@{}", attribute.name()), attribute.value().into()))
        .collect();
    let mut said = String::new();
    for child in node.children() {
        if let Some(text) = child.text().filter(|_| child.is_text()) {
            said.push_str(text);
        }
        if !child.is_element() {
            continue;
        }
        let value = tree(child, depth + 1)?;
        match object.get_mut(child.tag_name().name()) {
            None => {
                object.insert(child.tag_name().name().to_owned(), value);
            }
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    if !said.trim().is_empty() {
        object.insert("#".into(), said.trim().into());
    }
    Ok(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_a_tree_whatever_its_namespace() {
        let text = "<o:A xmlns:o='urn:x' k='1'><o:B>one</o:B><o:B>two &amp; three</o:B><C/></o:A>";
        let tree = json!({"@k": "1", "B": [{"#": "one"}, {"#": "two & three"}], "C": {}});
        assert_eq!(read(text), Ok(("A".into(), tree)));
    }

    #[test]
    fn nothing_is_fetched_expanded_or_followed_for_ever() {
        let laughs = "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><l>&b;</l>";
        let file = "<!DOCTYPE l [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><l>&x;</l>";
        for text in [laughs, file] {
            assert!(read(text).unwrap_err().contains("DOCTYPE"), "{text}");
        }
        let deep = format!("{}{}", "<a>".repeat(5_000), "</a>".repeat(5_000));
        assert!(read(&deep).is_err());
        let many = format!("<a>{}</a>", "<b/>".repeat(60_000));
        assert!(read(&many).is_err());
        for text in ["", "<a>", "{}", "<a>&unknown;</a>"] {
            assert!(read(text).unwrap_err().starts_with("is not XML"), "{text}");
        }
    }
}
