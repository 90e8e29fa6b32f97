//! What a check knows of DNS, and what it wants to know next.

use std::collections::BTreeMap;

use crate::dns::resolver::{Answer, Failure, Question};
use crate::dns::{RecordData, RecordType, is_name};

/// The answer to this question is needed before the check can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing(pub Question);

/// Answers that have come so far.
#[derive(Clone, Debug, Default)]
pub struct Known {
    answers: BTreeMap<Question, Result<Vec<RecordData>, Failure>>,
}

impl Known {
    /// Takes in the answer to `question`.
    pub fn put(&mut self, question: &Question, answer: &Answer) {
        let records = answer.result.as_ref().map(|r| r.iter().map(|r| r.data.clone()).collect());
        self.answers.insert(question.clone(), records.map_err(|failure| *failure));
    }

    /// The records of a name, or why there are none.
    ///
    /// # Errors
    /// The question, if it has not been answered.
    pub fn records(&self, name: &str, rtype: RecordType) -> Result<Result<&[RecordData], Failure>, Missing> {
        let question = Question::new(name, rtype);
        // No message can hold it: that it does not exist is known without asking.
        if !is_name(&question.name) {
            return Ok(Err(Failure::NxDomain));
        }
        match self.answers.get(&question) {
            Some(answer) => Ok(answer.as_deref().map_err(|failure| *failure)),
            None => Err(Missing(question)),
        }
    }

    /// The TXT records of a name, each with its strings put together without anything between them (RFC 7208 section
    /// 3.3, RFC 6376 section 3.6.2.2, RFC 7489 section 6.1).
    ///
    /// # Errors
    /// The question, if it has not been answered.
    pub fn texts(&self, name: &str) -> Result<Result<Vec<String>, Failure>, Missing> {
        Ok(self.records(name, RecordType::Txt)?.map(|records| {
            let text = |r: &RecordData| if let RecordData::Txt(strings) = r { Some(strings.concat()) } else { None };
            records.iter().filter_map(text).collect()
        }))
    }
}

/// Whether a failure means that there is nothing, and not that nobody knows.
pub(super) fn is_nothing(failure: Failure) -> bool {
    matches!(failure, Failure::NxDomain | Failure::NoData)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::dns::zone::{Record, Zones};

    /// Lets a check ask the zones until it has its result; the second is what it asked.
    pub fn answered<T>(zones: &Zones, mut check: impl FnMut(&Known) -> Result<T, Missing>) -> (T, Vec<Question>) {
        let (mut known, mut asked) = (Known::default(), Vec::new());
        loop {
            match check(&known) {
                Ok(result) => return (result, asked),
                Err(Missing(question)) => {
                    assert!(!asked.contains(&question), "{question:?} is asked twice");
                    known.put(&question, &look(zones, &question));
                    asked.push(question);
                    assert!(asked.len() < 500, "there is no end of questions");
                }
            }
        }
    }

    fn look(zones: &Zones, question: &Question) -> Answer {
        let failed = |failure| Answer { result: Err(failure), additional: Vec::new() };
        if question.name.contains("trouble") {
            return failed(Failure::ServFail);
        }
        let Some(zone) = zones.zone_of(&question.name).filter(|z| z.has(&question.name)) else {
            return failed(Failure::NxDomain);
        };
        let records: Vec<Record> = zone.at(&question.name).filter(|r| r.rtype() == question.rtype).cloned().collect();
        if records.is_empty() {
            failed(Failure::NoData)
        } else {
            Answer { result: Ok(records), additional: Vec::new() }
        }
    }

    /// Zones from lines: `name TYPE data`.
    pub fn zones(lines: &[&str]) -> Zones {
        use crate::dns::{Record, Zone};
        let record = |line: &&str| {
            let mut words = line.splitn(3, ' ');
            let (name, kind, data) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
            let data = match kind {
                "A" => RecordData::A(data.parse().unwrap()),
                "MX" => {
                    let (preference, host) = data.split_once(' ').unwrap();
                    RecordData::Mx(preference.parse().unwrap(), host.to_owned())
                }
                "PTR" => RecordData::Ptr(data.to_owned()),
                _ => RecordData::Txt(vec![data.to_owned()]),
            };
            Record { name: name.to_owned(), ttl: 60, data }
        };
        Zones { zones: vec![Zone { origin: String::new(), records: lines.iter().map(record).collect() }] }
    }
}
