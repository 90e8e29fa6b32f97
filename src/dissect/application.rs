//! What TCP carries: the payload of a segment, piece by piece, each in the words of its protocol.

use super::cut::Cut;
use super::flow::{Kind, Piece, Place, Talk};
use super::{LayerKind, data, dns, http, imap, imf, pop, smtp, tls};
use crate::topology::Side;

/// The payload that ends at `end` of the frame.
pub(super) fn payload(cut: &mut Cut<'_>, end: usize, ports: [u16; 2], place: Option<&Place<'_>>) {
    let on_port = Talk::on_port(ports[1]).map(|talk| (talk, Side::Client));
    let by_port = on_port.or(Talk::on_port(ports[0]).map(|talk| (talk, Side::Server)));
    let talk = place.and_then(|p| Some((p.flow.talk?, p.side))).or(by_port);
    let Some((talk, side)) = talk else { return data::bytes(cut, end - cut.at, LayerKind::Application) };
    if talk == Talk::Dns {
        return dns::stream(cut, end, place);
    }
    let pieces: Vec<Piece> = match place {
        Some(p) => p.flow.pieces(p.side, p.start..p.start + (end - cut.at) as u64).collect(),
        None => {
            let range = 0..(end - cut.at) as u64;
            vec![Piece { kind: Kind::Lines, whole: range.clone(), range, by_length: false }]
        }
    };
    if let Some((p, from)) = place.and_then(|p| Some((p, p.flow.sealed_from(p.side)?)))
        && p.start + (end - cut.at) as u64 > from
    {
        // A line in the open and a record may share a segment.
        let open = from.saturating_sub(p.start) as usize;
        if open > 0 {
            let until = cut.at + open;
            match talk {
                Talk::Smtp => smtp::lines(cut, until, side, true),
                Talk::Imap | Talk::Pop | Talk::Http | Talk::Dns => imap::lines(cut, until, side, true),
            }
        }
        return tls::records(cut, end, p, p.start + open as u64, talk);
    }
    if talk == Talk::Http {
        return http::messages(cut, end, side, &pieces, place);
    }
    for piece in pieces {
        let until = (cut.at + (piece.range.end - piece.range.start) as usize).min(end);
        let begins = place.is_none_or(|p| p.is_line_start(&piece));
        match (piece.kind, place, talk) {
            (Kind::Letter, Some(p), Talk::Smtp | Talk::Pop) => {
                let text = imf::without_end(p, &piece);
                let mail = text.clamp(piece.range.start, piece.range.end) - piece.range.start;
                imf::layer(cut, cut.at + mail as usize, p, &piece, text);
                match talk {
                    Talk::Pop => pop::end_of_mail(cut, until),
                    _ => smtp::end_of_mail(cut, until),
                }
            }
            (Kind::Letter, Some(p), _) => imf::layer(cut, until, p, &piece, piece.whole.end),
            (_, _, Talk::Smtp) => smtp::lines(cut, until, side, begins),
            (_, _, Talk::Pop) => {
                let begins = begins && piece.range.start == piece.whole.start;
                pop::lines(cut, until, side, begins);
            }
            (_, _, _) => imap::lines(cut, until, side, begins && piece.kind == Kind::Lines),
        }
    }
}
