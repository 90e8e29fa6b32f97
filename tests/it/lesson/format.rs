//! Mistakes in lessons: each is told with its file, line and column, and what would be right.

use mailpath::lesson::{BUILT_IN, Folder, parse, rehearse, schema};

fn folder(change: impl Fn(&str, &str) -> String) -> Folder {
    let (id, files) = BUILT_IN.iter().find(|(id, _)| *id == "L01").unwrap();
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), change(name, text))).collect();
    Folder { name: format!("lessons/{id}"), files }
}

/// What is said to a lesson in which one thing was written otherwise.
fn told(file: &str, from: &str, to: &str) -> String {
    let folder = folder(|name, text| {
        if name != file {
            return text.to_owned();
        }
        assert!(text.contains(from), "`{from}` stands in {file}");
        text.replacen(from, to, 1)
    });
    match parse(&folder) {
        Err(problems) => problems.to_string(),
        Ok(lesson) => rehearse::rehearse(&lesson).expect_err(from).to_string(),
    }
}

#[test]
fn mistakes_of_the_structure() {
    let mistakes = [
        ("\"format\": 1", "\"format\": 2"),
        ("\"minutes\": 15", "\"minute\": 15"),
        ("\"level\": \"core\"", "\"level\": \"cor\""),
        ("\"scenario\": \"six-steps\"", "\"scenario\": \"six-step\""),
        ("\"votes\": [\"1.1\"", "\"votes\": [\"1.7\""),
        ("{ \"links.3.delay\": \"20 ms\" }", "{ \"links.33.delay\": \"20 ms\" }"),
        ("{ \"links.3.delay\": \"20 ms\" }", "{ \"links.3.delay\": \"20 mss\" }"),
        ("\"at\": { \"event\": \"mua.compose\" }", "\"at\": { \"event\": \"mua.composed\" }"),
        (
            "\"at\": { \"event\": \"mua.compose\" }",
            "\"at\": { \"event\": \"mua.compose\", \"where\": { \"hots\": \"x\" } }",
        ),
        ("\"host:alice-pc\", \"host:mail.a\"", "\"host:alice-pcc\", \"hosts:mail.a\""),
        ("\"ask\": [\"1.1\"]", "\"ask\": [\"1.2\"]"),
        ("\"ask\": [\"1.2\"]", "\"ask\": []"),
        (
            "\"before\": { \"event\": \"tcp.open\"",
            "\"at\": { \"event\": \"start\" }, \"before\": { \"event\": \"tcp.open\"",
        ),
        (
            "\"count\": { \"event\": \"tcp.open\" }",
            "\"count\": { \"event\": \"tcp.open\" }, \"time\": { \"event\": \"start\" }",
        ),
        ("\"field\": \"client\"", "\"field\": \"clientt\""),
        ("\"tags\": [\"M03\"]", "\"tags\": [\"M33\"]"),
        ("\"golden\": 3", "\"golden\": 4"),
        ("\"value\": \"queue of mail.a\"", "\"value\": \"queue of mail.b\""),
        ("{ \"id\": \"one\", \"value\": 1,", "{ \"id\": \"one\", \"value\": 3,"),
        ("\"reveal\": { \"event\": \"mua.read\" },", ""),
        ("\"reveal\": { \"event\": \"mua.read\" }", "\"reveal\": { \"event\": \"start\" }"),
        (
            "\"server\": \"mail.b\", \"port\": 25 } },\n      \"spotlight\"",
            "\"server\": \"mail.bb\", \"port\": 25 } },\n      \"spotlight\"",
        ),
        ("\"id\": \"1.2\"", "\"id\": \"1.1\""),
    ];
    let all: Vec<String> =
        mistakes.iter().map(|(from, to)| format!("{from}  ->  {to}\n{}", told("lesson.json", from, to))).collect();
    insta::assert_snapshot!("lesson_structure", all.join("\n----\n"));
}

#[test]
fn mistakes_of_the_words() {
    let long = "word ".repeat(41);
    let mistakes = [
        ("# Six steps", "Six steps"),
        ("## Stop queued: Step 2, into the queue", "## Stop queue: Step 2, into the queue"),
        ("## Stop queued", "## Halt queued"),
        ("Alice has composed", &format!("{long} Alice has composed")),
        ("## Question 1.2", "## Question 1.9"),
        ("* router: on a router", "* ruter: on a router"),
        ("* queue: in the queue of mail.a\n", ""),
        ("### Rule\n\nOne from the user agent", "One from the user agent"),
        ("* one: A single connection", "* three: A single connection"),
        ("Alice's program will show", "In {rtt} ms Alice's program will show"),
        ("### Part who", "### Part whom"),
        ("# Six steps from Alice", "# {rtt} ms from Alice"),
        ("## Explore on: Bob", "## Explore on: {rtt} ms, and Bob"),
        ("Alice has composed", "<b>Alice</b> of <alice@a.example> has composed"),
        ("Alice has composed", "<!-- who? -->Alice has [composed](https://a.example/)"),
    ];
    let all: Vec<String> = mistakes
        .iter()
        .map(|(from, to)| {
            let short = |t: &str| t.chars().take(60).collect::<String>();
            format!("{}  ->  {}\n{}", short(from), short(to), told("en.md", from, to))
        })
        .collect();
    insta::assert_snapshot!("lesson_words", all.join("\n----\n"));
}

#[test]
fn a_lesson_without_words_is_refused() {
    let mut whole = folder(|_, text| text.to_owned());
    whole.files.retain(|(name, _)| !name.ends_with(".md"));
    let told = |folder: &Folder| parse(folder).err().map(|problems| problems.to_string()).unwrap_or_default();
    assert!(told(&whole).contains("put a file en.md beside it"));
    whole.files.clear();
    assert!(told(&whole).contains("a lesson is a JSON object that begins with"));
}

/// The schema knows every field that the reader knows.
#[test]
fn the_schema_has_every_object_of_the_format() {
    let schema = schema();
    assert_eq!(schema["properties"]["format"]["const"], 1);
    for object in mailpath::lesson::typed::OBJECTS.iter().filter(|o| o.name != "File") {
        let properties = &schema["$defs"][object.name]["properties"];
        for field in object.fields {
            assert!(properties.get(field.name).is_some(), "{}.{}", object.name, field.name);
        }
    }
}

/// Seeded slips of the finger: no panic, and every refusal has a place.
#[test]
fn no_slip_of_the_finger_makes_it_panic() {
    use mailpath::rng::Seed;
    for n in 0..600 {
        let seed = Seed::new(n).child("slip");
        let which = n % 2;
        let slipped = folder(|name, text| {
            if (name == "en.md") != (which == 1) {
                return text.to_owned();
            }
            let chars: Vec<char> = text.chars().collect();
            let at = (seed.nth(0) % chars.len() as u64) as usize;
            let with = ['"', '}', 'x', '0', '\n', ':', '#', '*', '{', 'é'][(seed.nth(1) % 10) as usize];
            let (mut before, after): (Vec<char>, &[char]) = (chars[..at].to_vec(), &chars[at..]);
            match seed.nth(2) % 3 {
                0 => before.push(with),
                1 => {
                    before.push(with);
                    return before.iter().chain(&after[1..]).collect();
                }
                _ => return before.iter().chain(&after[1..]).collect(),
            }
            before.iter().chain(after).collect()
        });
        if let Err(problems) = parse(&slipped) {
            for problem in &problems {
                let place = problem.place();
                assert!(
                    place.line >= 1 && place.column >= 1 && problem.file().starts_with("lessons/L01/"),
                    "{problems}"
                );
            }
        }
    }
}
