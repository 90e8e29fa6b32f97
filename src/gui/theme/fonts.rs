//! Fonts: in the binary, so that every machine shows the same. Raw protocol text is set in the mono font
//! only: Inter would make an arrow of `->`.

use std::sync::Arc;

use eframe::egui::{Context, FontData, FontDefinitions, FontFamily, FontId};

fn family(name: &str) -> FontFamily {
    FontFamily::Name(name.into())
}

/// Inter, regular.
pub fn reg(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Inter, medium.
pub fn med(size: f32) -> FontId {
    FontId::new(size, family("medium"))
}

/// Inter, semibold.
pub fn semi(size: f32) -> FontId {
    FontId::new(size, family("semibold"))
}

/// IBM Plex Mono, regular.
pub fn mono(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

/// IBM Plex Mono, medium.
pub fn mono_med(size: f32) -> FontId {
    FontId::new(size, family("mono-medium"))
}

/// Lucide icons.
pub fn icon(size: f32) -> FontId {
    FontId::new(size, family("icons"))
}

/// Gives a context all fonts.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    let mut add = |name: &str, bytes: &'static [u8]| {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    };
    add("inter", include_bytes!("../assets/Inter_400Regular.ttf"));
    add("inter-medium", include_bytes!("../assets/Inter_500Medium.ttf"));
    add("inter-semibold", include_bytes!("../assets/Inter_600SemiBold.ttf"));
    add("plex", include_bytes!("../assets/IBMPlexMono_400Regular.ttf"));
    add("plex-medium", include_bytes!("../assets/IBMPlexMono_500Medium.ttf"));
    add("lucide", lucide_icons::LUCIDE_FONT_BYTES);
    let text = fonts.families[&FontFamily::Proportional].clone();
    let code = fonts.families[&FontFamily::Monospace].clone();
    let chain = |first: &str, rest: &[String]| -> Vec<String> {
        std::iter::once(first.to_owned()).chain(rest.iter().cloned()).chain(["lucide".to_owned()]).collect()
    };
    fonts.families.insert(FontFamily::Proportional, chain("inter", &text));
    fonts.families.insert(family("medium"), chain("inter-medium", &text));
    fonts.families.insert(family("semibold"), chain("inter-semibold", &text));
    fonts.families.insert(FontFamily::Monospace, chain("plex", &code));
    fonts.families.insert(family("mono-medium"), chain("plex-medium", &code));
    fonts.families.insert(family("icons"), vec!["lucide".to_owned(), "inter".to_owned()]);
    ctx.set_fonts(fonts);
}
