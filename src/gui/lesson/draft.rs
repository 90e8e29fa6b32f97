//! An answer before it is locked.

use crate::lesson::answer::{Answer, Asking, letter};
use crate::lesson::words::Kind;

/// What was chosen or typed for one part of a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Which offer; of cards, which card is in hand, by its place in [`Draft::order`].
    pub chosen: Option<usize>,
    /// What stands in the field.
    pub typed: String,
    /// Cards in the learner's order, by their places among the offers.
    pub order: Vec<usize>,
    /// Whether the learner has put the cards into this order: an order that nobody touched is no answer.
    pub touched: bool,
}

/// Whether a part is answered by writing.
pub fn is_field(kind: Kind) -> bool {
    matches!(kind, Kind::Number | Kind::List | Kind::Text)
}

impl Draft {
    /// Nothing yet.
    pub fn of(asking: &Asking) -> Draft {
        let order = if asking.kind == Kind::Order { (0..asking.offers.len()).collect() } else { Vec::new() };
        Draft { order, ..Draft::default() }
    }

    /// What is locked.
    ///
    /// # Errors
    /// What is missing or wrong, as a sentence.
    pub fn answer(&self, asking: &Asking) -> Result<Answer, String> {
        match asking.kind {
            kind if is_field(kind) => match (self.typed.trim(), kind) {
                ("", Kind::Number) => Err("write a number first, or skip the question".to_owned()),
                (typed, _) => asking.read(typed),
            },
            Kind::Order if !self.touched => {
                Err("put the cards into your order first: choose one and move it with Alt+\u{2191} and Alt+\u{2193}, \
                     or write their letters"
                    .to_owned())
            }
            Kind::Order => {
                let cards = self.order.iter().filter_map(|n| asking.offers.get(*n)?.answer.name());
                Ok(Answer::Order(cards.map(str::to_owned).collect()))
            }
            _ => {
                let offer = self.chosen.and_then(|n| asking.offers.get(n));
                offer.map(|o| o.answer.clone()).ok_or_else(|| "choose an answer first, or skip the question".to_owned())
            }
        }
    }

    /// The answer below or above the chosen one; beyond the last comes the first.
    pub fn turn(&mut self, asking: &Asking, down: bool) {
        let count = asking.offers.len().max(1);
        self.chosen = Some(match (self.chosen, down) {
            (None, true) => 0,
            (None, false) => count - 1,
            (Some(n), true) => (n + 1) % count,
            (Some(n), false) => (n + count - 1) % count,
        });
    }

    /// Moves the card in hand by one place.
    pub fn shift(&mut self, down: bool) {
        let Some(here) = self.chosen else { return };
        let there = if down { here + 1 } else { here.wrapping_sub(1) };
        if there < self.order.len() && here < self.order.len() {
            self.order.swap(here, there);
            self.chosen = Some(there);
            self.touched = true;
        }
    }

    /// Cards named one after the other by their letters: the first letter named comes first, and so on.
    pub fn name_card(&mut self, offer: usize) {
        let Some(from) = self.order.iter().position(|n| *n == offer) else { return };
        // A card that was named before stays; the next one goes behind those that were named.
        let named = self.typed.split_whitespace().count().min(self.order.len());
        if named == self.order.len() {
            self.typed.clear();
            return self.name_card(offer);
        }
        if from < named {
            return;
        }
        self.order.remove(from);
        self.order.insert(named, offer);
        if !self.typed.is_empty() {
            self.typed.push(' ');
        }
        self.typed += &letter(offer);
        self.touched = true;
        self.chosen = Some(named);
    }
}

/// A locked answer in words: nothing about whether it is right.
pub fn said(asking: &Asking, answer: &Answer) -> String {
    let named =
        |wanted: &dyn Fn(&Answer) -> bool| asking.offers.iter().find(|o| wanted(&o.answer)).map(|o| o.label.clone());
    let unit = asking.unit.map_or_else(String::new, |u| format!(" {u}"));
    match answer {
        Answer::Option(name) => named(&|a| matches!(a, Answer::Option(n) if n == name)).unwrap_or_else(|| name.clone()),
        Answer::Number(number) => format!("{number}{unit}"),
        Answer::List(numbers) => numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ") + &unit,
        Answer::Host(name) | Answer::Text(name) => name.clone(),
        Answer::Order(names) => letters(asking, names),
        Answer::Event(id) => {
            named(&|a| matches!(a, Answer::Event(n) if n == id)).unwrap_or_else(|| format!("event {id}"))
        }
    }
}

/// Cards by their letters, `C A B`.
pub fn letters<S: AsRef<str>>(asking: &Asking, names: &[S]) -> String {
    let place = |name: &str| asking.offers.iter().position(|o| o.answer.name() == Some(name));
    let letters = names.iter().filter_map(|n| place(n.as_ref())).map(letter);
    letters.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::answer::Offer;
    use crate::lesson::decimal::Notation;

    fn cards(n: usize) -> Asking {
        let offers = (0..n).map(|i| {
            let name = format!("card{i}");
            Offer { answer: Answer::Option(name.clone()), label: name }
        });
        Asking {
            kind: Kind::Order,
            prompt: String::new(),
            unit: None,
            offers: offers.collect(),
            notation: Notation::Point,
        }
    }

    #[test]
    fn cards_are_moved_without_dragging() {
        let asking = cards(3);
        let mut draft = Draft::of(&asking);
        assert!(draft.answer(&asking).is_err(), "an order that nobody touched is no answer");
        draft.turn(&asking, true);
        draft.shift(true);
        assert_eq!(draft.order, [1, 0, 2]);
        draft.shift(true);
        draft.shift(true);
        assert_eq!((draft.order.as_slice(), draft.chosen), ([1, 2, 0].as_slice(), Some(2)));
        assert!(draft.answer(&asking).is_ok());
    }

    #[test]
    fn letters_put_cards_in_order_one_after_the_other() {
        let asking = cards(3);
        let mut draft = Draft::of(&asking);
        for offer in [2, 0, 1] {
            draft.name_card(offer);
        }
        assert_eq!((draft.order.as_slice(), draft.typed.as_str()), ([2, 0, 1].as_slice(), "C A B"));
        draft.name_card(0);
        assert_eq!((draft.order.as_slice(), draft.typed.as_str()), ([0, 2, 1].as_slice(), "A"), "begun again");
    }
}
