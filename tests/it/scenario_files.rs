//! The built-in scenarios as files: what they are called, their runs, their stories, and the JSON Schema.

use mailpath::explain::story::steps;
use mailpath::scenario::typed::OBJECTS;
use mailpath::scenario::{self, BUILT_IN};
use mailpath::sim::setup::NodeKind;
use serde_json::Value;

use crate::runs::{all, run};

#[test]
fn a_scenario_is_called_like_its_file_and_says_what_it_shows() {
    for (name, text) in BUILT_IN {
        let scenario = scenario::parse(name, text).unwrap_or_else(|p| panic!("{p}"));
        assert_eq!(scenario.name, *name);
        assert!(!scenario.title.is_empty() && !scenario.description.is_empty(), "{name}");
        assert!(scenario.runs.iter().all(|r| !r.title.is_empty()), "{name}: every run has a title");
        let ready = scenario.ready(None).unwrap_or_else(|p| panic!("{p}"));
        assert!(!ready.story.steps.is_empty(), "{name} has a story");
        assert!(ready.setup.actions.windows(2).all(|w| w[0].at <= w[1].at), "{name}");
    }
}

#[test]
fn only_names_and_addresses_of_the_documentation_are_used() {
    for name in all() {
        let setup = run(&name).world.setup().clone();
        for node in &setup.nodes {
            if let NodeKind::Host(host) = &node.kind {
                assert!(host.fqdn.ends_with(".example"), "{name}: {}", host.fqdn);
            }
            for (ip, _) in node.interfaces.iter().filter_map(|i| i.address) {
                let documentation = matches!(ip.octets(), [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _]);
                assert!(documentation, "{name}: {ip}");
            }
        }
    }
}

#[test]
fn every_step_of_every_story_begins_and_is_done() {
    for (name, text) in BUILT_IN {
        let scenario = scenario::parse(name, text).unwrap_or_else(|p| panic!("{p}"));
        let run = run(name);
        let story = scenario.ready(None).unwrap_or_else(|p| panic!("{p}")).story;
        let found = steps(run.world.log(), &run.world.names(), &story);
        for (step, span) in story.steps.iter().zip(&found) {
            assert!(span.begins.is_some() && span.done.is_some(), "{name}, step {}: {span:?}", step.number);
            assert!(span.begins <= span.done, "{name}, step {} is done before it begins", step.number);
        }
        assert!(found.windows(2).all(|w| w[0].begins <= w[1].begins), "{name}: steps begin in their order");
    }
}

#[test]
fn a_run_that_does_not_exist_is_refused_with_the_list_of_those_that_do() {
    let (_, text) = BUILT_IN.iter().find(|b| b.0 == "packet-loss").unwrap();
    let problems = scenario::parse("packet-loss", text).unwrap().ready(Some("9")).unwrap_err();
    let problem = problems.iter().next().unwrap();
    assert_eq!(problem.kind(), "unknown_run");
    assert!(problem.advice().unwrap().contains("`6`"), "{problems}");
    assert_eq!(
        scenario::load_builtin("six-setps").unwrap_err().iter().next().unwrap().advice(),
        Some("did you mean `six-steps`?")
    );
}

#[test]
fn a_run_changes_what_it_says_and_nothing_else() {
    let (_, text) = BUILT_IN.iter().find(|b| b.0 == "packet-loss").unwrap();
    let scenario = scenario::parse("packet-loss", text).unwrap();
    let (base, first, second) =
        (scenario.ready(None).unwrap(), scenario.ready(Some("1")).unwrap(), scenario.ready(Some("2")).unwrap());
    assert_eq!((base.setup.name.as_str(), first.setup.name.as_str()), ("packet-loss", "packet-loss:1"));
    let actions = |r: &scenario::Ready| format!("{:?}", r.setup.actions);
    assert_eq!(actions(&base), actions(&first));
    assert_ne!(actions(&first), actions(&second));
    assert_eq!(format!("{:?}", first.setup.nodes), format!("{:?}", second.setup.nodes));
}

#[test]
fn the_schema_has_the_fields_that_the_reader_reads() {
    let schema = scenario::schema();
    for object in OBJECTS {
        let found = if object.name == "File" { &schema } else { &schema["$defs"][object.name] };
        let keys = |v: &Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let names: Vec<&str> = object.fields.iter().map(|f| f.name).collect();
        assert_eq!(keys(&found["properties"]), names, "{}", object.name);
        let required: Vec<&str> = object.fields.iter().filter(|f| f.required).map(|f| f.name).collect();
        assert_eq!(found["required"], serde_json::json!(required), "{}", object.name);
        assert_eq!(found["additionalProperties"], false, "{}", object.name);
        assert!(object.fields.iter().all(|f| !f.doc.is_empty()), "{}: every field is described", object.name);
    }
    let listed = OBJECTS.len() - 1;
    assert_eq!(schema["$defs"].as_object().unwrap().len(), listed, "and there is nothing else in it");
}

/// The part of JSON Schema that is used, but for patterns and formats.
fn fits(schema: &Value, root: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.strip_prefix("#/$defs/").unwrap();
        fits(&root["$defs"][name], root, value, at)?;
    }
    if let Some(list) = schema["anyOf"].as_array() {
        return match list.iter().any(|s| fits(s, root, value, at).is_ok()) {
            true => Ok(()),
            false => Err(format!("{at}: none of the forms")),
        };
    }
    if let Some(constant) = schema.get("const")
        && constant != value
    {
        return Err(format!("{at}: not {constant}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Err(format!("{at}: {value} is none of {words:?}"));
    }
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("{other}"),
    };
    let right = match &schema["type"] {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().any(|n| is(n.as_str().unwrap())),
        _ => true,
    };
    if !right {
        return Err(format!("{at}: {value} is no {}", schema["type"]));
    }
    if let (Some(low), Some(high)) = (schema["minimum"].as_u64(), schema["maximum"].as_u64())
        && !value.as_u64().is_some_and(|n| (low..=high).contains(&n))
    {
        return Err(format!("{at}: {value} is not from {low} to {high}"));
    }
    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
        fits(&schema["items"], root, item, &format!("{at}/{i}"))?;
    }
    for (key, item) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{key}");
        match (schema["properties"].get(key), &schema["additionalProperties"]) {
            (Some(inner), _) => fits(inner, root, item, &at)?,
            (None, Value::Bool(false)) => return Err(format!("{at}: no such field")),
            (None, inner) => fits(inner, root, item, &at)?,
        }
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().unwrap()).is_none() {
            return Err(format!("{at}: {name} is missing"));
        }
    }
    Ok(())
}

#[test]
fn the_built_in_scenarios_fit_the_schema_and_wrong_ones_do_not() {
    let schema = scenario::schema();
    for (name, text) in BUILT_IN {
        let value: Value = serde_json::from_str(text).unwrap();
        fits(&schema, &schema, &value, name).unwrap_or_else(|e| panic!("{e}"));
        for (path, wrong) in
            [("seed", Value::from(-1)), ("clock", "sundial".into()), ("hosts", Value::Null), ("colour", 1.into())]
        {
            let mut bad = value.clone();
            bad[path] = wrong;
            assert!(fits(&schema, &schema, &bad, name).is_err(), "{name}: {path}");
            assert!(scenario::parse(name, &bad.to_string()).is_err(), "{name}: {path}");
        }
    }
}
