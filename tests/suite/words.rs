//! Every word the code asks for is there, in every language, with the same variables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{
    CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement,
};
use innkeeper::cases;
use innkeeper::greetings::festivals::Festival;
use innkeeper::guests::notes::Team;
use innkeeper::guests::portrait::{Agreement, Field};
use innkeeper::guests::preferences::Strength;
use innkeeper::importing::Kind;
use innkeeper::loyalty::ledger;
use innkeeper::offers;
use innkeeper::recognition::apart::Said;
use innkeeper::recognition::duplicates;
use innkeeper::recognition::merging::Source;
use innkeeper::rooms::{Housekeeping, assign, fit};
use innkeeper::staff::Role;
use innkeeper::staff::user::Theme;
use innkeeper::stays::folio::Department;
use innkeeper::stays::{Channel, Decision, Status};
use innkeeper::tasks;
use innkeeper::vocabulary;
use innkeeper::words::Language;
use regex::Regex;

/// Messages of a language, with the variables each speaks of.
type Messages = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn messages(language: &str) -> Messages {
    let mut messages = Messages::new();
    for path in files(&format!("locales/{language}"), "ftl") {
        let source = fs::read_to_string(&path).unwrap();
        let resource = fluent_syntax::parser::parse(source)
            .unwrap_or_else(|(_, errors)| panic!("{path:?}: {errors:?}"));
        for entry in resource.body {
            if let Entry::Message(message) = entry {
                let mut variables = BTreeSet::new();
                in_pattern(message.value.as_ref().unwrap(), &mut variables);
                let twice = messages.insert(message.id.name.clone(), variables);
                assert!(
                    twice.is_none(),
                    "{language}: {} stands twice",
                    message.id.name
                );
            }
        }
    }
    assert!(messages.len() > 200, "{language}");
    messages
}

fn in_pattern(pattern: &Pattern<String>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            in_expression(expression, variables);
        }
    }
}

fn in_expression(expression: &Expression<String>, variables: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => in_inline(inline, variables),
        Expression::Select { selector, variants } => {
            in_inline(selector, variables);
            for variant in variants {
                in_pattern(&variant.value, variables);
            }
        }
    }
}

fn in_inline(inline: &InlineExpression<String>, variables: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => drop(variables.insert(id.name.clone())),
        InlineExpression::Placeable { expression } => in_expression(expression, variables),
        InlineExpression::FunctionReference { arguments, .. } => {
            let CallArguments { positional, .. } = arguments;
            for argument in positional {
                in_inline(argument, variables);
            }
        }
        _ => {}
    }
}

/// Code and templates, without unit tests.
fn sources() -> Vec<(PathBuf, String)> {
    let all = files("src", "rs")
        .into_iter()
        .chain(files("templates", "html"));
    all.map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
        (path, code)
    })
    .collect()
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_variables() {
    let (english, chinese) = (messages("en"), messages("zh-CN"));
    for (key, variables) in &english {
        let twin = chinese
            .get(key)
            .unwrap_or_else(|| panic!("zh-CN has no {key}"));
        // How somebody is addressed may take the family name or the whole: the code gives both.
        if !key.starts_with("addressed-") {
            assert_eq!(variables, twin, "{key}");
        }
    }
    for key in chinese.keys() {
        assert!(english.contains_key(key), "en has no {key}");
    }
}

#[test]
fn every_message_the_code_asks_for_is_there() {
    let english = messages("en");
    let key = r#""([a-z][a-z0-9_-]*)""#;
    let calls = [
        format!(r"\b(?:say|both|fill|count|error_page)\(\s*{key}"),
        format!(r"Message::new\(\s*{key}"),
        format!(r"BadForm\(\s*{key}"),
        // The last word of a navigation entry, the fourth of a field.
        format!(r#"ui::nav\([^)]*{key}\)"#),
        format!(r#"fields::text\(page, "[^"]*", "[^"]*", {key}"#),
        r#"=> "((?:board|empty|nav|title|say|do|avoid|line|card|visit|occasion|evidence|alert)-[a-z0-9_-]+)""#.into(),
    ];
    let calls: Vec<Regex> = calls.iter().map(|call| Regex::new(call).unwrap()).collect();
    let mut asked = 0;
    for (path, text) in sources() {
        for found in calls.iter().flat_map(|call| call.captures_iter(&text)) {
            asked += 1;
            assert!(
                english.contains_key(&found[1]),
                "{path:?} asks for {}",
                &found[1]
            );
        }
    }
    assert!(asked > 300, "only {asked} found");
}

#[test]
fn every_message_gets_the_variables_it_speaks_of() {
    let english = messages("en");
    let start = Regex::new(r#"Message::new\(\s*"([a-z0-9_-]+)"\s*\)"#).unwrap();
    let link = Regex::new(
        r#"^\s*\.(?:text|number|ordinal|date|day|month|money|time|feature|message)\(\s*"([a-z_]+)""#,
    )
    .unwrap();
    let say = Regex::new(r#"\bsay\(\s*"([a-z0-9_-]+)""#).unwrap();
    for (path, text) in sources() {
        for found in start.captures_iter(&text) {
            let speaks_of = &english[&found[1]];
            let mut rest = &text[found.get(0).unwrap().end()..];
            while let Some(given) = link.captures(rest) {
                assert!(
                    speaks_of.contains(&given[1]),
                    "{path:?}: {} is given {}, and speaks of {speaks_of:?}",
                    &found[1],
                    &given[1]
                );
                rest = after_call(&rest[given.get(0).unwrap().start()..]);
            }
        }
        for (call, variable) in [("fill", "text"), ("count", "count")] {
            let call = Regex::new(&format!(r#"\b{call}\(\s*"([a-z0-9_-]+)""#)).unwrap();
            for found in call.captures_iter(&text) {
                let speaks_of = &english[&found[1]];
                assert!(
                    speaks_of.contains(variable),
                    "{path:?}: {} speaks of {speaks_of:?}",
                    &found[1]
                );
                assert_eq!(speaks_of.len(), 1, "{path:?}: {}", &found[1]);
            }
        }
        for found in say.captures_iter(&text) {
            assert!(
                english[&found[1]].is_empty(),
                "{path:?} says {} without its variables",
                &found[1]
            );
        }
    }
}

/// What follows the first call's closing bracket.
fn after_call(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return &text[at + 1..],
            ')' => depth -= 1,
            _ => {}
        }
    }
    ""
}

fn all<T: std::fmt::Display>(values: &[T]) -> Vec<String> {
    values.iter().map(T::to_string).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(Into::into).collect()
}

#[test]
fn every_value_of_every_code_has_its_word() {
    let actions = {
        let line = Regex::new(
            r#"(?:\bline\(|\b(?:done|record)\(view, |record\(conn, &stay, |Verdict::\w+,\s*)\s*"([a-z_]+)""#,
        )
        .unwrap();
        let mut actions: Vec<String> = all(&[Status::Cancelled, Status::NoShow]);
        for (_, text) in sources() {
            actions.extend(line.captures_iter(&text).map(|found| found[1].to_owned()));
        }
        assert!(actions.len() > 15, "{actions:?}");
        actions
    };
    let codes: BTreeMap<&str, Vec<String>> = BTreeMap::from([
        ("action", actions),
        ("agreement", all(Agreement::ALL)),
        ("answer", all(fit::Answer::ALL)),
        ("case-event", all(cases::history::Kind::ALL)),
        ("assign", all(assign::why::Outcome::ALL)),
        ("channel", all(Channel::ALL)),
        ("compensation", all(cases::compensation::State::ALL)),
        ("consent", words("email phone message post")),
        ("contact", words("email phone")),
        ("decision", all(Decision::ALL)),
        ("department", all(Department::ALL)),
        ("entry", all(ledger::Kind::ALL)),
        ("festival", all(Festival::ALL)),
        ("festival-wish", all(Festival::ALL)),
        ("field", all(Field::ALL)),
        ("gift", all(cases::compensation::Kind::ALL)),
        ("held-event", words("check_in check_out cancel no_show")),
        ("held-reason", all(innkeeper::stays::events::Reason::ALL)),
        ("housekeeping", all(Housekeeping::ALL)),
        ("kind", all(Kind::ALL)),
        ("occasion-name", all(innkeeper::greetings::Occasion::ALL)),
        ("letter-state", all(innkeeper::greetings::State::ALL)),
        ("letters", all(innkeeper::greetings::Purpose::ALL)),
        (
            "letters-field",
            words(
                "sender reply_to en_closing en_signature zh_closing zh_signature hour days_before days_after expiry_days \
                 least_points miss_percent a_month held_back_percent window_days per_minute connections",
            ),
        ),
        (
            "letters-look",
            all(innkeeper::greetings::settings::Look::ALL),
        ),
        ("letters-width", words("360 700")),
        ("letters-what", all(innkeeper::greetings::Purpose::ALL)),
        ("merged", all(Source::ALL)),
        ("outcome", all(cases::Outcome::ALL)),
        ("offer-charge", all(offers::Kind::ALL)),
        ("offer-declined", all(offers::Declined::ALL)),
        ("offer-kind", all(offers::Kind::ALL)),
        ("offer-moment", all(offers::Moment::ALL)),
        ("offer-occasion", all(offers::Occasion::ALL)),
        ("course", all(innkeeper::dining::dishes::Course::ALL)),
        ("mark", all(innkeeper::dining::table::MarkKind::ALL)),
        ("party", all(innkeeper::dining::Status::ALL)),
        ("shape", all(innkeeper::dining::table::Shape::ALL)),
        ("weekday", words("0 1 2 3 4 5 6")),
        ("report-by", all(offers::report::By::ALL)),
        ("report-col", all(offers::report::By::ALL)),
        ("promised", words("kept missed unknown")),
        ("purpose", words("greetings marketing")),
        (
            "reason",
            words(
                "guest_id name email phone document loyalty birth_date postal_code city country merged_at_source",
            ),
        ),
        (
            "related",
            all(&[
                duplicates::Kind::Household,
                duplicates::Kind::Colleagues,
                duplicates::Kind::Contact,
            ]),
        ),
        ("report", all(cases::report::By::ALL)),
        ("role", all(Role::ALL)),
        ("said", all(Said::ALL)),
        ("severity", all(cases::Severity::ALL)),
        ("show-cases", all(cases::list::Show::ALL)),
        ("empty-cases", all(cases::list::Show::ALL)),
        ("show-tasks", all(tasks::list::Show::ALL)),
        ("empty-tasks", all(tasks::list::Show::ALL)),
        ("set-housekeeping", all(Housekeeping::ALL)),
        (
            "show",
            words("all to-come arrived returning vip alerts offers to-confirm unassigned"),
        ),
        (
            "shared",
            words("name family_name family_variant email phone postal_code city company"),
        ),
        ("show-departures", words("to-come arrived")),
        ("status", all(Status::ALL)),
        ("strength", all(Strength::ALL)),
        ("team", all(Team::ALL)),
        ("theme", all(Theme::ALL)),
        ("tier", words("member silver gold platinum")),
        ("why-not", all(innkeeper::greetings::plan::WhyNot::ALL)),
        ("why", words("room booking loyalty email phone name")),
    ]);
    let english = messages("en");
    for (prefix, values) in &codes {
        assert!(!values.is_empty());
        for value in values {
            let key = format!("{prefix}-{value}");
            assert!(
                english.get(&key).is_some_and(BTreeSet::is_empty),
                "there is no {key}"
            );
        }
    }
    let call = Regex::new(r#"\bwords(?:\(\))?\s*\.code\(\s*"([a-z-]+)""#).unwrap();
    for (path, text) in sources() {
        for found in call.captures_iter(&text) {
            assert!(
                codes.contains_key(&found[1]),
                "{path:?}: which values has {}?",
                &found[1]
            );
        }
    }
}

#[test]
fn every_word_of_the_vocabulary_is_said_in_both_languages() {
    for feature in vocabulary::all() {
        let labels = Language::ALL
            .iter()
            .map(|&language| feature.label(language));
        for label in labels {
            assert!(
                !label.is_empty() && label != feature.code,
                "{}",
                feature.code
            );
        }
        assert!(
            !feature.label(Language::ZhCn).is_ascii(),
            "{}",
            feature.code
        );
    }
}

#[test]
fn chinese_is_written_in_chinese() {
    let latin_is_right = ["app-name", "language-en", "channel-gds"];
    let variable = Regex::new(r"\{[^}]*\}").unwrap();
    for path in files("locales/zh-CN", "ftl") {
        let source = fs::read_to_string(&path).unwrap();
        for line in source.lines().filter(|line| line.contains(" = ")) {
            let (key, text) = line.split_once(" = ").unwrap();
            let bare = variable.replace_all(text, "");
            let latin = bare.chars().any(|c| c.is_ascii_alphabetic());
            let chinese = !bare.is_ascii();
            assert!(
                chinese || !latin || latin_is_right.contains(&key),
                "{path:?}: {line}"
            );
        }
    }
}
