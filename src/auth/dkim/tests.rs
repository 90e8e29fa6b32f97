//! The sample of RFC 8463 appendix A, the examples of RFC 6376 section 3.4, and what may be done to a letter on its way.

use proptest::prelude::*;

use super::canon::Letter;
use super::sign::signature_of;
use super::signature::{Fields, tag_list, without_signature};
use super::*;
use crate::auth::lookup::tests::{answered, zones};
use crate::dns::Zones;
use crate::rng::Seed;

/// RFC 8463 appendix A.2: the Ed25519 key.
const ED25519_SECRET: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const ED25519_RECORD: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// Appendix A.2: the RSA key.
const RSA_SECRET: &str = "-----BEGIN RSA PRIVATE KEY-----
MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi
Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM
KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB
AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm
6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe
zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy
6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc
uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy
WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd
WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a
licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst
o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe
uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL
-----END RSA PRIVATE KEY-----
";
const RSA_RECORD: &str = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

/// Appendix A.3, with both signatures.
fn sample() -> Vec<u8> {
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"
    .replace('\n', "\r\n")
    .into_bytes()
}

fn rfc_zones() -> Zones {
    let ed25519 = format!("brisbane._domainkey.football.example.com TXT {ED25519_RECORD}");
    let rsa = format!("test._domainkey.football.example.com TXT {RSA_RECORD}");
    zones(&[&ed25519, &rsa])
}

fn verdicts(zones: &Zones, letter: &[u8], now: u64) -> Vec<Outcome> {
    answered(zones, |known| verify(known, letter, now)).0
}

#[test]
fn the_sample_of_rfc_8463_verifies_twice() {
    let found = verdicts(&rfc_zones(), &sample(), 1_528_637_909);
    let told: Vec<_> = found.iter().map(|o| (o.verdict, &*o.selector, &*o.algorithm, &*o.b)).collect();
    assert_eq!(
        told,
        [(Verdict::Pass, "brisbane", "ed25519-sha256", "/gCrinpc"), (Verdict::Pass, "test", "rsa-sha256", "F45dVWDf")]
    );
}

#[test]
fn signing_the_sample_gives_its_very_bytes() {
    let bytes = sample();
    let letter = Letter::new(&bytes);
    for (n, secret, record) in [(0, ED25519_SECRET, ED25519_RECORD), (1, RSA_SECRET, RSA_RECORD)] {
        let key = PrivateKey::read(secret).unwrap();
        assert_eq!(key.record(), record);
        let field = letter.fields[n].1;
        let text = std::str::from_utf8(field).unwrap();
        let fields = Fields::read(text.split_once(':').unwrap().1).unwrap();
        let b = signature_of(&key, &letter, fields.canon.0, &fields.headers, field);
        let written = super::signature::without_blanks(text.rsplit_once(" b=").unwrap().1);
        assert_eq!(b, written);
    }
}

#[test]
fn canonical_forms_of_rfc_6376_section_3_4_5() {
    let letter = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
    let parts = Letter::new(letter);
    let header = |c: Canon| parts.fields.iter().flat_map(|f| c.field(f.1)).collect::<Vec<u8>>();
    assert_eq!(header(Canon::Relaxed), b"a:X\r\nb:Y Z\r\n");
    assert_eq!(Canon::Relaxed.body(parts.body), b" C\r\nD E\r\n");
    assert_eq!(header(Canon::Simple), b"A: X\r\nB : Y\t\r\n\tZ  \r\n");
    assert_eq!(Canon::Simple.body(parts.body), b" C \r\nD \t E\r\n");
    // Nothing at all is one line or none.
    assert_eq!((Canon::Simple.body(b""), Canon::Relaxed.body(b"\r\n\r\n")), (b"\r\n".to_vec(), Vec::new()));
    assert_eq!(Canon::Simple.body(b"no end"), b"no end\r\n");
}

const LETTER: &str = "Received: from x\r\nFrom: Alice <alice@a.example>\r\nTo: bob@b.example\r\nSubject: plans\r\n\
    Date: Mon, 3 Mar 2025 09:00:00 +0000\r\n\r\nhello Bob\r\n.\r\n";

fn signer(canon: (Canon, Canon)) -> Signer {
    Signer {
        domain: "a.example".into(),
        selector: "s1".into(),
        key: PrivateKey::from_seed(Seed::new(1)),
        canon,
        headers: SIGNED.iter().map(|h| h.to_string()).collect(),
        identity: None,
        lifetime: None,
        tells_length: false,
    }
}

fn published(signer: &Signer, more: &str) -> Zones {
    zones(&[&format!("{} TXT {}{more}", signer.key_name(), signer.key.record())])
}

/// The verdict on a letter that was signed, changed, and read at second 1000.
fn after(signer: &Signer, zones: &Zones, change: impl Fn(String) -> String) -> Outcome {
    let signed = change(signer.sign(LETTER.as_bytes(), 900) + LETTER);
    verdicts(zones, signed.as_bytes(), 1000).remove(0)
}

#[test]
fn what_a_signature_bears_and_what_it_does_not() {
    let (simple, relaxed) = (signer((Canon::Simple, Canon::Simple)), signer((Canon::Relaxed, Canon::Relaxed)));
    let keys = published(&simple, "");
    let judge = |s: &Signer, from: &str, to: &str| after(s, &keys, |l| l.replace(from, to)).verdict;
    for (from, to, bears) in [
        ("nothing", "", (true, true)),
        // Servers put lines on top.
        ("Received: from x", "Received: from y\r\nReceived: from x", (true, true)),
        ("Subject: plans", "subject:   plans ", (false, true)),
        ("Subject: plans", "Subject: plan", (false, false)),
        ("hello Bob", "hello  Bob ", (false, true)),
        ("hello Bob", "hello Zoe", (false, false)),
        ("\r\n.\r\n", "\r\n.\r\n\r\n\r\n", (true, true)),
        ("\r\n.\r\n", "\r\n.\r\nfooter of the list\r\n", (false, false)),
        // A field that was signed as missing, and a second From.
        ("To:", "Cc: zoe@c.example\r\nTo:", (false, false)),
        ("From: Alice", "From: mallory@evil.example\r\nFrom: Alice", (false, false)),
        ("d=a.example", "d=b.example", (false, false)),
    ] {
        let found = (judge(&simple, from, to) == Verdict::Pass, judge(&relaxed, from, to) == Verdict::Pass);
        assert_eq!(found, bears, "{from:?} -> {to:?}");
    }
}

#[test]
fn a_signature_may_expire_and_may_say_how_long_the_body_is() {
    let mut s = signer((Canon::Relaxed, Canon::Simple));
    s.tells_length = true;
    let keys = published(&s, "");
    assert_eq!(after(&s, &keys, |l| l + "more\r\n").verdict, Verdict::Pass);
    assert_eq!(after(&s, &keys, |l| l.replace("hello Bob\r\n.\r\n", "hello")).verdict, Verdict::Fail);
    s.lifetime = Some(100);
    assert_eq!(after(&s, &keys, |l| l).verdict, Verdict::Pass);
    s.lifetime = Some(99);
    assert_eq!(after(&s, &keys, |l| l).reason, "the signature has expired");
}

#[test]
fn the_key_record_has_a_word_to_say() {
    let mut s = signer((Canon::Relaxed, Canon::Relaxed));
    let whole = |more: &str, s: &Signer| after(s, &published(s, more), |l| l);
    assert_eq!(whole("; h=sha1:sha256; s=email; t=s", &s).verdict, Verdict::Pass);
    assert_eq!(whole("; h=sha1", &s).verdict, Verdict::PermError);
    assert_eq!(whole("; s=other", &s).verdict, Verdict::PermError);
    let testing = whole("; t=y", &s);
    assert_eq!((testing.verdict, testing.testing), (Verdict::Pass, true));
    s.identity = Some("alice@sales.a.example".into());
    assert_eq!(whole("", &s).verdict, Verdict::Pass);
    assert_eq!(whole("; t=s", &s).verdict, Verdict::PermError);
    let record = |text: &str| zones(&[&format!("{} TXT {text}", s.key_name())]);
    for (text, reason) in [
        ("v=DKIM1; k=ed25519; p=", "the key was revoked"),
        ("k=ed25519; v=DKIM1; p=AA==", "the key record is of another version"),
        ("v=DKIM1; p=AA==", "the key is of another kind than the signature"),
        ("v=DKIM1; k=ed25519", "the key record has no key"),
        ("v=DKIM1; k=ed25519; p=AA==", "an Ed25519 key has 32 bytes"),
        ("hello", "the key record cannot be read"),
    ] {
        let found = after(&s, &record(text), |l| l);
        assert_eq!((found.verdict, &*found.reason), (Verdict::PermError, reason));
    }
    let nobody = after(&s, &zones(&[]), |l| l);
    assert_eq!((nobody.verdict, &*nobody.domain), (Verdict::PermError, "a.example"));
    s.selector = "trouble".into();
    assert_eq!(after(&s, &zones(&[]), |l| l).verdict, Verdict::TempError);
}

#[test]
fn fields_that_are_no_signature() {
    let good = "v=1; a=ed25519-sha256; d=a.example; s=s1; h=from; bh=AA==; b=AA==";
    assert!(Fields::read(good).is_ok());
    for (from, to) in [
        ("v=1", "v=2"),
        ("v=1; ", ""),
        ("ed25519-sha256", "rsa-sha1"),
        ("h=from", "h=to"),
        ("bh=AA==", "bh=!"),
        ("d=a.example; ", ""),
        ("v=1", "v=1; v=1"),
        ("v=1", "v=1; i=@b.example"),
        ("v=1", "v=1; q=http"),
        ("v=1", "v=1; l=x"),
        ("v=1", "v=1; t=5; x=5"),
        ("v=1", "v=1; c=strange"),
        ("v=1", "v"),
        ("b=AA==", "b="),
    ] {
        assert!(Fields::read(&good.replacen(from, to, 1)).is_err(), "{from} -> {to}");
    }
    assert_eq!(without_signature(b"X: a=1; b = Q Q\r\n\t= ; bh=b=1\r\n"), b"X: a=1; b =; bh=b=1\r\n");
    assert_eq!(without_signature(b"X: bh=1;\r\n b=Q\r\n Q\r\n"), b"X: bh=1;\r\n b=\r\n");
}

#[test]
fn a_key_that_is_none_is_refused() {
    for text in ["", "AAAA", "no base64!", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        assert!(PrivateKey::read(text).is_err(), "{text}");
    }
    let key = PrivateKey::read(ED25519_SECRET).unwrap();
    assert_eq!(format!("{key:?}"), "PrivateKey(ed25519-sha256)");
}

proptest! {
    #[test]
    fn what_was_signed_verifies(
        values in prop::collection::vec("[ -~]{0,20}", 3),
        lines in prop::collection::vec("[ -~\\t]{0,30}", 0..6),
        simple in any::<(bool, bool)>(),
    ) {
        let canon = |simple| if simple { Canon::Simple } else { Canon::Relaxed };
        let s = signer((canon(simple.0), canon(simple.1)));
        let letter = format!("From: {}\r\nSubject: {}\r\nTo: {}\r\n\r\n{}", values[0], values[1], values[2], lines.join("\r\n"));
        let signed = s.sign(letter.as_bytes(), 5) + &letter;
        prop_assert_eq!(verdicts(&published(&s, ""), signed.as_bytes(), 6)[0].verdict, Verdict::Pass);
    }

    #[test]
    fn any_bytes_are_a_letter(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut letter = b"DKIM-Signature: v=1; a=rsa-sha256; h=from;".to_vec();
        letter.extend(bytes);
        verdicts(&zones(&[]), &letter, 0);
        signer((Canon::Relaxed, Canon::Simple)).sign(&letter, 0);
    }

    #[test]
    fn canonical_forms_stay_as_they_are(body in "[ \\ta\\r\\n]{0,40}") {
        for canon in [Canon::Simple, Canon::Relaxed] {
            let once = canon.body(body.as_bytes());
            prop_assert_eq!(canon.body(&once), once);
        }
    }

    #[test]
    fn any_text_is_a_tag_list_or_not(text in "\\PC*") {
        let _ = tag_list(&text);
    }
}
