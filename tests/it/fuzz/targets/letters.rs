//! Letters and who vouches for them: MIME, DKIM, SPF, DMARC.

use std::net::Ipv4Addr;

use mailpath::auth::{Known, Missing, dkim, dmarc, results, spf};
use mailpath::dns::resolver::{Answer, Failure};
use mailpath::dns::{Record, RecordData, RecordType};
use mailpath::message;
use mailpath::rng::Seed;

/// Answers every question, until the check has what it wants.
fn answered<T>(mut check: impl FnMut(&Known) -> Result<T, Missing>, texts: &dyn Fn(&str) -> Option<String>) -> T {
    let (mut known, mut asked) = (Known::default(), Vec::new());
    loop {
        let Missing(question) = match check(&known) {
            Ok(result) => return result,
            Err(missing) => missing,
        };
        assert!(!asked.contains(&question), "{question:?} is asked twice");
        assert!(asked.len() < 500, "there is no end of questions");
        let data = match question.rtype {
            RecordType::Txt => texts(&question.name).map(|text| RecordData::Txt(vec![text])),
            RecordType::A => Some(RecordData::A(Ipv4Addr::new(198, 51, 100, 1))),
            RecordType::Mx => Some(RecordData::Mx(10, "mail.b.example".into())),
            _ => None,
        };
        let record = data.map(|data| Record { name: question.name.clone(), ttl: 60, data });
        let result = record.map(|record| vec![record]).ok_or(Failure::NoData);
        known.put(&question, &Answer { result, additional: Vec::new() });
        asked.push(question);
    }
}

pub fn letter(data: &[u8]) {
    let body = message::body_start(data);
    assert!(body <= data.len() && message::header_end(data) <= data.len());
    for (name, range) in message::header_fields(data) {
        assert!(range.end <= data.len());
        message::header(data, &name, 0);
        // A name is printable ASCII (RFC 5322 section 3.6.8); what else stands there has none that could be looked for.
        assert!(name.is_empty() || !name.is_ascii() || message::header_count(data, &name) > 0, "{name:?}");
    }
    let _ = message::authors(data);
    let _ = format!("{:?}", message::show(data));
    for part in message::mime_parts(data) {
        let _ = part.told();
    }
    let _ = results::in_the_name_of("mail.b.example", data);
    if let Some(seven) = message::to_seven_bit(data) {
        assert!(seven.bytes.is_ascii(), "seven bits");
    }
    if let Some(lines) = message::without_binary(data) {
        assert!(!lines.bytes.contains(&0), "lines");
        let again = message::without_binary(&lines.bytes).expect("what is lines can be made lines");
        assert_eq!(again.bytes, lines.bytes, "and stays what it is");
        for piece in lines.map.pieces() {
            let (at, from, len) = (piece.at as usize, piece.from as usize, piece.len as usize);
            assert_eq!(lines.bytes[at..at + len], data[from..from + len], "a map of equal bytes");
        }
    }
}

pub fn letter_seeds() -> Vec<Vec<u8>> {
    let texts: [&str; 6] = [
        "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n--b\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n--b\r\n\
         Content-Type: image/bmp\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\n\r\r\n--b--\r\n",
        "From: Alice <alice@a.example>, \"B, C\" <b@b.example>\r\nTo: undisclosed: x@y.example;\r\nSubject: \
         =?utf-8?Q?gr=C3=BC=C3=9Fe?=\r\n =?utf-8?B?w7w=?=\r\nDate: Mon, 3 Mar 2025 09:00:00 +0000\r\n\r\nhello\r\n",
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"x y\"\r\n\r\n--x y\r\n\r\ntext\r\n--x y\r\n\
         Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/alternative; boundary=z\r\n\r\n--z\r\n\r\n\
         a\r\n--z\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\
         \r\n<b>=FC=\r\n</b>\r\n--z--\r\n--x y--\r\n",
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\ngr\u{fc}\u{df}e\r\n",
        "Content-Type: image/png; name*=utf-8''a%20b.png\r\nContent-Disposition: attachment; filename=\"a.png\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n",
        "Authentication-Results: mail.b.example; spf=pass\r\nReceived: from x\r\n\tby y\r\n\r\n.\r\n",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

const LETTER: &[u8] = b"From: alice@a.example\r\nTo: bob@b.example\r\nSubject: hello\r\n\r\nhello  Bob\r\n\r\n";

fn signer() -> dkim::Signer {
    dkim::Signer {
        domain: "a.example".into(),
        selector: "s1".into(),
        key: dkim::PrivateKey::from_seed(Seed::new(7)),
        canon: (dkim::Canon::Relaxed, dkim::Canon::Relaxed),
        headers: dkim::SIGNED.iter().map(ToString::to_string).collect(),
        identity: None,
        lifetime: None,
        tells_length: false,
    }
}

/// A letter with any signatures; the key is there.
pub fn dkim(data: &[u8]) {
    let record = signer().key.record();
    let found = answered(|known| dkim::verify(known, data, 1_741_000_000), &|name| {
        name.starts_with("s1._domainkey.").then(|| record.clone())
    });
    assert!(found.len() <= dkim::MOST_SIGNATURES);
    let items = results::Item::dkim(&found);
    assert!(results::field("mail.b.example", &items).ends_with("\r\n"));
}

pub fn dkim_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for canon in [dkim::Canon::Relaxed, dkim::Canon::Simple] {
        let identity = Some("alice@a.example".to_owned());
        let signer = dkim::Signer { canon: (canon, canon), identity, tells_length: true, ..signer() };
        seeds.push([signer.sign(LETTER, 1_741_000_000).as_bytes(), LETTER].concat());
    }
    seeds
}

/// Any key record for a good signature, and any text as a private key.
pub fn dkim_key(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let letter = [signer().sign(LETTER, 1_741_000_000).as_bytes(), LETTER].concat();
    let found = answered(|known| dkim::verify(known, &letter, 1_741_000_000), &|_| Some(text.to_owned()));
    assert_eq!(found.len(), 1);
    let _ = dkim::PrivateKey::read(text).map(|key| key.record());
}

pub fn dkim_key_seeds() -> Vec<Vec<u8>> {
    vec![
        signer().key.record().into_bytes(),
        b"v=DKIM1; h=sha256:sha1; k=rsa; n=a note; s=email:*; t=y:s; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ=="
            .to_vec(),
        b"p=".to_vec(),
        b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_vec(),
    ]
}

/// Any record, for the domain itself and for every domain that it names.
pub fn spf(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let request = spf::Request {
        ip: Ipv4Addr::new(192, 0, 2, 25),
        domain: "a.example",
        sender: "alice@a.example",
        helo: "mail.a.example",
        receiver: "mail.b.example",
        now: 1_741_000_000,
    };
    let found = answered(|known| spf::check_host(known, &request), &|_| Some(text.to_owned()));
    let item = results::Item::spf(&found, request.sender, false);
    assert!(results::field("mail.b.example", &[item]).is_ascii());
}

pub fn spf_seeds() -> Vec<Vec<u8>> {
    let texts = [
        "v=spf1 ip4:192.0.2.0/24 -all",
        "v=spf1 a:x.example/24//64 mx ptr:b.example ~all",
        "v=spf1 include:b.example redirect=c.example",
        "v=spf1 exists:%{i}.%{l1r+-}.%{d2}.example ?all exp=why.%{d}",
        "v=spf1 ip6:2001:db8::/32 +a -all unknown=%{s}%{o}%{h}%%%_%-",
        "%{c} %{r} %{t} %{p} is not allowed",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub fn dmarc(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(record) = dmarc::Record::read(text) {
        let _ = format!("{record:?}");
    }
    let organisation = dmarc::organisational(text);
    assert!(text.ends_with(organisation));
    assert_eq!(dmarc::organisational(organisation), organisation);
}

pub fn dmarc_seeds() -> Vec<Vec<u8>> {
    let texts = [
        "v=DMARC1; p=reject; sp=quarantine; adkim=s; aspf=r; pct=50; rua=mailto:d@a.example!10m; fo=1:d; ri=86400",
        "v=DMARC1;p=none",
        "v=DMARC1; p=x; rua=mailto:d@a.example",
        "mail.a.example",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
