//! Colours, by what they mean. A colour never speaks alone: a word or a shape says it first.

use eframe::egui::Color32;

/// A colour from its usual notation.
pub const fn hex(v: u32) -> Color32 {
    Color32::from_rgb((v >> 16) as u8, (v >> 8) as u8, v as u8)
}

/// The colour `share` of the way from `a` to `b`.
pub fn mix(a: Color32, b: Color32, share: f32) -> Color32 {
    let f = |x: u8, y: u8| (f32::from(x) + (f32::from(y) - f32::from(x)) * share).round() as u8;
    Color32::from_rgb(f(a.r(), b.r()), f(a.g(), b.g()), f(a.b(), b.b()))
}

/// The colour with its opacity multiplied.
pub fn alpha(c: Color32, opacity: f32) -> Color32 {
    c.gamma_multiply(opacity)
}

/// What a packet, a connection or a band belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proto {
    /// Names.
    Dns,
    /// TCP itself: no byte of an application.
    Tcp,
    /// SMTP.
    Smtp,
    /// IMAP.
    Imap,
    /// POP3.
    Pop3,
    /// HTTP.
    Http,
    /// Lost, refused, wrong.
    Lost,
}

impl Proto {
    /// All, in the order of the legend.
    pub const ALL: [Proto; 7] =
        [Proto::Tcp, Proto::Smtp, Proto::Imap, Proto::Pop3, Proto::Http, Proto::Dns, Proto::Lost];

    /// The word that stands beside the colour.
    pub const fn name(self) -> &'static str {
        match self {
            Proto::Dns => "DNS",
            Proto::Tcp => "TCP",
            Proto::Smtp => "SMTP",
            Proto::Imap => "IMAP",
            Proto::Pop3 => "POP3",
            Proto::Http => "HTTP",
            Proto::Lost => "lost",
        }
    }

    /// From the name in a protocol column; what has no colour of its own has TCP's.
    pub fn of(name: &str) -> Proto {
        match name.to_ascii_uppercase().as_str() {
            "DNS" => Proto::Dns,
            "SMTP" => Proto::Smtp,
            "IMAP" => Proto::Imap,
            "POP" | "POP3" => Proto::Pop3,
            "HTTP" => Proto::Http,
            _ => Proto::Tcp,
        }
    }
}

/// One theme.
#[derive(Clone, Copy, Debug)]
pub struct Tokens {
    /// Light text on dark ground.
    pub dark: bool,
    /// Window behind the cards.
    pub bg: Color32,
    /// Cards.
    pub surface: Color32,
    /// Heads of tables, code, insets.
    pub surface2: Color32,
    /// Ground of the stage.
    pub canvas: Color32,
    /// Its dots.
    pub grid: Color32,
    /// Edges.
    pub border: Color32,
    /// Edges that must be seen.
    pub border_strong: Color32,
    /// Text.
    pub text: Color32,
    /// Second to it.
    pub text2: Color32,
    /// Captions.
    pub text3: Color32,
    /// Now, selection, the one filled button.
    pub accent: Color32,
    /// Accent as text.
    pub accent_text: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Links on which nothing moves.
    pub link: Color32,
    /// Ground of a site.
    pub zone: Color32,
    /// Done.
    pub ok: Color32,
    /// Shadows (premultiplied).
    pub shadow: Color32,
    /// Bytes of the link layer.
    pub layer_link: Color32,
    /// Bytes of the network layer.
    pub layer_network: Color32,
    /// Bytes of the transport layer.
    pub layer_transport: Color32,
    dns: Color32,
    tcp: Color32,
    smtp: Color32,
    imap: Color32,
    pop3: Color32,
    http: Color32,
    lost: Color32,
}

/// For projectors, and at first start.
pub const LIGHT: Tokens = Tokens {
    dark: false,
    bg: hex(0xECEEF3),
    surface: hex(0xFFFFFF),
    surface2: hex(0xF5F6F9),
    canvas: hex(0xFAFBFD),
    grid: hex(0xDDE1E9),
    border: hex(0xE1E4EB),
    border_strong: hex(0xC9CED8),
    text: hex(0x181C25),
    text2: hex(0x525B6B),
    text3: hex(0x626B7B),
    accent: hex(0x4453CF),
    accent_text: hex(0x3B49BF),
    on_accent: hex(0xFFFFFF),
    link: hex(0x9AA3B2),
    zone: hex(0xF2F4F8),
    ok: hex(0x00845F),
    shadow: Color32::from_rgba_premultiplied(2, 3, 6, 22),
    layer_link: hex(0x6B7484),
    layer_network: hex(0x0B7A87),
    layer_transport: hex(0x7447C9),
    dns: hex(0xC565A0),
    tcp: hex(0x4A5261),
    smtp: hex(0x0067A8),
    imap: hex(0xD18F00),
    pop3: hex(0x8709EA),
    http: hex(0x009E73),
    lost: hex(0xC2410C),
};

/// For screens in the dark.
pub const DARK: Tokens = Tokens {
    dark: true,
    bg: hex(0x0C0E13),
    surface: hex(0x161A21),
    surface2: hex(0x1C2129),
    canvas: hex(0x12161C),
    grid: hex(0x262C37),
    border: hex(0x272D38),
    border_strong: hex(0x3A4250),
    text: hex(0xE8EBF1),
    text2: hex(0xA8B1C0),
    text3: hex(0x838D9E),
    accent: hex(0x5363DE),
    accent_text: hex(0xA0ABFF),
    on_accent: hex(0xFFFFFF),
    link: hex(0x5A6475),
    zone: hex(0x191E26),
    ok: hex(0x35C79A),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 90),
    layer_link: hex(0x95A0B2),
    layer_network: hex(0x4FC3CF),
    layer_transport: hex(0xBBA0FF),
    dns: hex(0xF2A3D3),
    tcp: hex(0x7C879A),
    smtp: hex(0x4FB0F0),
    imap: hex(0xF6C94F),
    pop3: hex(0xAB6CFC),
    http: hex(0x2FC294),
    lost: hex(0xFF7136),
};

impl Tokens {
    /// One of the two.
    pub const fn of(dark: bool) -> &'static Tokens {
        if dark { &DARK } else { &LIGHT }
    }

    /// The colour of a protocol.
    pub const fn proto(&self, p: Proto) -> Color32 {
        match p {
            Proto::Dns => self.dns,
            Proto::Tcp => self.tcp,
            Proto::Smtp => self.smtp,
            Proto::Imap => self.imap,
            Proto::Pop3 => self.pop3,
            Proto::Http => self.http,
            Proto::Lost => self.lost,
        }
    }

    /// Ground that belongs to a colour.
    pub fn tint(&self, c: Color32) -> Color32 {
        mix(self.surface, c, if self.dark { 0.18 } else { 0.11 })
    }

    /// Text on that ground.
    pub fn on_tint(&self, c: Color32) -> Color32 {
        if self.dark { mix(c, Color32::WHITE, 0.15) } else { mix(c, Color32::BLACK, 0.32) }
    }

    /// What is painted on a solid protocol colour.
    pub fn ink(&self, c: Color32) -> Color32 {
        if self.dark || c == self.imap { hex(0x10141A) } else { Color32::WHITE }
    }
}
