//! The palette in grey and in three colour deficiencies, and its contrasts. Deficiencies as Machado, Oliveira and
//! Fernandes (2009) compute them; differences by CIE76; contrasts by WCAG 2.

use eframe::egui::Color32;
use mailpath::gui::theme::tokens::{DARK, LIGHT};
use mailpath::gui::theme::{Proto, Tokens};

type Rgb = [f64; 3];

const DEFICIENCIES: [(&str, [Rgb; 3]); 3] = [
    (
        "protanopia",
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
    ),
    (
        "deuteranopia",
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
    ),
    (
        "tritanopia",
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
    ),
];

fn linear(c: Color32) -> Rgb {
    [c.r(), c.g(), c.b()].map(|v| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    })
}

fn seen(c: Color32, by: &[Rgb; 3]) -> Rgb {
    let l = linear(c);
    by.map(|row| (row[0] * l[0] + row[1] * l[1] + row[2] * l[2]).clamp(0.0, 1.0))
}

fn luminance(l: Rgb) -> f64 {
    0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]
}

fn lab(l: Rgb) -> Rgb {
    let f = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let x = f((0.412_456 * l[0] + 0.357_576 * l[1] + 0.180_438 * l[2]) / 0.950_47);
    let y = f(luminance(l));
    let z = f((0.019_334 * l[0] + 0.119_192 * l[1] + 0.950_304 * l[2]) / 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn difference(a: Rgb, b: Rgb) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(linear(a)), luminance(linear(b)));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn pairs() -> impl Iterator<Item = (Proto, Proto)> {
    let of = |i: usize| Proto::ALL[i + 1..].iter().map(move |b| (Proto::ALL[i], *b));
    (0..Proto::ALL.len()).flat_map(of)
}

#[test]
fn protocols_differ_for_every_eye() {
    for t in [&LIGHT, &DARK] {
        for (a, b) in pairs() {
            let plain = difference(lab(linear(t.proto(a))), lab(linear(t.proto(b))));
            assert!(plain >= 30.0, "{a:?} and {b:?}: {plain:.1}");
            for (name, matrix) in &DEFICIENCIES {
                let d = difference(lab(seen(t.proto(a), matrix)), lab(seen(t.proto(b), matrix)));
                assert!(d >= 11.0, "{name}, dark {}: {a:?} and {b:?}: {d:.1}", t.dark);
            }
        }
    }
}

#[test]
fn in_grey_the_words_differ_and_so_does_the_lightness() {
    for t in [&LIGHT, &DARK] {
        for (a, b) in pairs() {
            assert_ne!(a.name(), b.name());
            let grey = |p| lab(linear(t.proto(p)))[0];
            let d = (grey(a) - grey(b)).abs();
            assert!(d >= 1.5, "dark {}: {a:?} and {b:?} differ by {d:.1} in lightness", t.dark);
        }
        // Now and selection are a dark line on a light ground, or a light one on a dark ground.
        assert!(contrast(t.accent, t.canvas) >= 3.0, "now on the stage, dark {}", t.dark);
    }
}

#[test]
fn every_text_can_be_read() {
    for t in [&LIGHT, &DARK] {
        let Tokens { dark, surface, surface2, bg, canvas, .. } = *t;
        for (name, ink, least) in [("text", t.text, 7.0), ("text2", t.text2, 6.0), ("text3", t.text3, 4.5)] {
            for ground in [surface, surface2, bg, canvas] {
                let c = contrast(ink, ground);
                let least = if ground == bg { least - 1.0_f64 } else { least };
                assert!(c >= least.max(4.5), "{name}, dark {dark}: {c:.1}");
            }
        }
        assert!(contrast(t.on_accent, t.accent) >= 4.5, "the forward button, dark {dark}");
        assert!(contrast(t.accent_text, surface) >= 4.5);
        for p in Proto::ALL {
            let c = t.proto(p);
            assert!(contrast(t.on_tint(c), t.tint(c)) >= 4.5, "{p:?} on its tint, dark {dark}");
            assert!(contrast(t.ink(c), c) >= 3.0, "on {p:?}, dark {dark}: {:.1}", contrast(t.ink(c), c));
            assert!(contrast(c, canvas) >= 2.6, "{p:?} on the stage, dark {dark}");
        }
        assert!(contrast(t.link, canvas) >= 2.0, "idle links, dark {dark}");
    }
}
