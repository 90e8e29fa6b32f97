//! `mailpath export`: the packets of a run as a capture.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use super::args::Export;
use super::{Failure, open};
use crate::explain::margin::Margin;
use crate::export::capture;
use crate::export::pcapng::{self, View};
use crate::sim::{Setup, World};
use crate::topology::{LinkId, NodeId};
use crate::trace::Level;

/// Runs a scenario and writes its capture.
pub(super) fn export(args: &Export, out: &mut impl Write) -> Result<(), Failure> {
    let ready = open::ready(&args.which)?;
    let view = match (&args.at, args.every_link) {
        (_, true) => View::EveryLink,
        (None, false) => View::Senders,
        (Some(at), false) => place(&ready.setup, at)?,
    };
    let chosen = args.filter.as_deref().map(super::filter::read).transpose()?;
    let mut world = World::new(Arc::new(ready.setup.clone()), Level::All);
    world.run();
    let failed = |e: &dyn std::fmt::Display| Failure::Run(format!("{}: {e}", args.pcapng.display()));
    let file = File::create(&args.pcapng).map_err(|e| failed(&e))?;
    let names = world.names();
    let keep = chosen.map(|filter| {
        let capture = capture::capture(&ready.setup, world.log(), &names, (&ready.story, view));
        let mut keep = vec![false; capture.frames.len()];
        filter.select(&capture).iter().for_each(|number| keep[*number as usize] = true);
        keep
    });
    let keep = |number: usize| keep.as_ref().is_none_or(|keep| keep[number]);
    let mut margin = Margin::new(world.log(), &names, &ready.story);
    let mut packets = 0u64;
    let comment = |id| {
        packets += 1;
        margin.comment(world.log(), id)
    };
    let mut file = pcapng::write_some(BufWriter::new(file), &ready.setup, world.log(), (view, keep), comment)
        .map_err(|e| failed(&e))?;
    file.flush().map_err(|e| failed(&e))?;
    writeln!(out, "{}: {packets} packets", args.pcapng.display()).map_err(Failure::output)
}

/// A host or router, or a link as `mail.a--sw-a` in either order.
fn place(setup: &Setup, at: &str) -> Result<View, Failure> {
    if let Some(node) = setup.nodes.iter().position(|n| n.name == at) {
        return Ok(View::Node(NodeId(node as u32)));
    }
    let name = |n: NodeId| setup.nodes[n.0 as usize].name.as_str();
    let links = || setup.links.iter().map(|l| format!("{}--{}", name(l.a), name(l.b)));
    let fits = |(a, b): (&str, &str)| {
        setup.links.iter().position(|l| (name(l.a), name(l.b)) == (a, b) || (name(l.a), name(l.b)) == (b, a))
    };
    if let Some(link) = at.split_once("--").and_then(fits) {
        return Ok(View::Link(LinkId(link as u32)));
    }
    let known: Vec<String> = setup.nodes.iter().map(|n| n.name.clone()).chain(links()).collect();
    let words: Vec<&str> = known.iter().map(String::as_str).collect();
    let near = crate::scenario::nearest(at, &words);
    let near = near.map(|n| format!(" Did you mean {n}?")).unwrap_or_default();
    let known = known.join(", ");
    Err(Failure::Use(format!("--at {at}: there is no such host or link.{near} There are: {known}.")))
}
