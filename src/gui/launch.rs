//! Opens the window with a renderer that works; where none does, one plain sentence says so and names the text mode.

use std::panic::{AssertUnwindSafe, catch_unwind};

use eframe::egui::{IconData, ViewportBuilder, vec2};
use eframe::{NativeOptions, Renderer as Backend};

use super::App;

/// Which renderer is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Renderer {
    /// wgpu, and OpenGL where that fails.
    #[default]
    Auto,
    /// Vulkan, Metal or Direct3D 12.
    Wgpu,
    /// OpenGL.
    Gl,
}

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A built-in scenario (`NAME` or `NAME:RUN`) or a file; six-steps if none is given.
    pub scenario: Option<String>,
    /// Which renderer.
    pub renderer: Renderer,
}

/// Why no window could be opened: one sentence, and how to go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

const TEXT_MODE: &str = "The text mode works without one: mailpath run six-steps";

/// Opens the window and returns when it is closed.
///
/// # Errors
/// No display, or no renderer that works.
pub fn launch(options: &Options) -> Result<(), Failure> {
    #[cfg(all(unix, not(target_os = "macos")))]
    if std::env::var_os("DISPLAY").is_none()
        && std::env::var_os("WAYLAND_DISPLAY").is_none()
        && std::env::var_os("WAYLAND_SOCKET").is_none()
    {
        return Err(Failure(format!(
            "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can be opened. {TEXT_MODE}"
        )));
    }
    let first = match options.renderer {
        Renderer::Auto | Renderer::Wgpu => Backend::Wgpu,
        Renderer::Gl => Backend::Glow,
    };
    match open(options, first) {
        Err(Trouble::Graphics(why)) if options.renderer == Renderer::Auto => {
            open(options, Backend::Glow).map_err(|trouble| match trouble {
                Trouble::Graphics(other) => said(&Trouble::Graphics(format!("{why}; OpenGL: {other}"))),
                other => said(&other),
            })
        }
        other => other.map_err(|trouble| said(&trouble)),
    }
}

/// What went wrong.
enum Trouble {
    /// No connection to a display.
    Display(String),
    /// No graphics device.
    Graphics(String),
    /// A library that the toolkit opens at run time is not there.
    Library(String),
}

/// In a sentence, with the packages that mend it.
fn said(trouble: &Trouble) -> Failure {
    let packages = "libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0";
    Failure(match trouble {
        Trouble::Display(why) => format!("The display cannot be reached ({why}). {TEXT_MODE}"),
        Trouble::Graphics(why) => format!(
            "No graphics device works ({why}). On Debian or Ubuntu `apt-get install libgl1 libegl1 libgl1-mesa-dri \
             mesa-vulkan-drivers` brings one. {TEXT_MODE}"
        ),
        Trouble::Library(why) => format!(
            "A library that windows need is missing ({why}). On Debian or Ubuntu: `apt-get install {packages}`. {TEXT_MODE}"
        ),
    })
}

fn open(options: &Options, renderer: Backend) -> Result<(), Trouble> {
    let native = NativeOptions {
        renderer,
        viewport: ViewportBuilder::default()
            .with_title("Mailpath")
            .with_app_id("mailpath")
            .with_inner_size(vec2(1366.0, 690.0))
            .with_min_inner_size(vec2(320.0, 240.0))
            .with_icon(IconData { rgba: icon(), width: ICON as u32, height: ICON as u32 }),
        ..NativeOptions::default()
    };
    // A missing keyboard library makes the toolkit panic instead of answering: its message is for us, not for the user.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let scenario = options.scenario.clone();
    let ran = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let running = std::sync::Arc::clone(&ran);
    let shared = std::sync::Arc::new(std::sync::Mutex::new(Some(hook)));
    let given_back = std::sync::Arc::clone(&shared);
    let result = catch_unwind(AssertUnwindSafe(|| {
        eframe::run_native(
            "mailpath",
            native,
            Box::new(move |cc| {
                // From here on a panic is ours, and is to be seen.
                if let Some(hook) = given_back.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
                    std::panic::set_hook(hook);
                }
                running.store(true, std::sync::atomic::Ordering::Relaxed);
                Ok(Box::new(App::new(cc, scenario.as_deref())))
            }),
        )
    }));
    if let Some(hook) = shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
        std::panic::set_hook(hook);
    }
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(sorted(&error)),
        Err(panic) if !ran.load(std::sync::atomic::Ordering::Relaxed) => Err(Trouble::Library(words(&*panic))),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn sorted(error: &eframe::Error) -> Trouble {
    let whole = error.to_string();
    let display = matches!(error, eframe::Error::WinitEventLoop(_) | eframe::Error::Winit(_));
    named(display, &whole)
}

/// An error of the toolkit by what mends it. Its last part says what happened; before it stand places in source files
/// of others.
fn named(display: bool, whole: &str) -> Trouble {
    let last = whole.rsplit(": ").next().unwrap_or(whole);
    let said = last.chars().filter(|c| c.is_alphabetic()).count() > 3;
    let words = if said { last.to_owned() } else { "nothing was found".to_owned() };
    match (display, whole.to_lowercase().contains("librar")) {
        (true, true) => Trouble::Library(words),
        (true, false) => Trouble::Display(words),
        (false, _) => Trouble::Graphics(words),
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "unknown".to_owned())
}

const ICON: usize = 64;

/// The program's icon: an envelope on the accent, computed, so that no picture has to be kept.
fn icon() -> Vec<u8> {
    let mut rgba = Vec::with_capacity(ICON * ICON * 4);
    for y in 0..ICON {
        for x in 0..ICON {
            let (fx, fy) = (x as f32 / ICON as f32, y as f32 / ICON as f32);
            let corner = |v: f32| (v - 0.5).abs() - 0.28;
            let (cx, cy) = (corner(fx).max(0.0), corner(fy).max(0.0));
            let inside = cx.hypot(cy) < 0.2;
            let sheet = (0.2..0.8).contains(&fx) && (0.3..0.72).contains(&fy);
            let fold = sheet && (fy - 0.3 - (0.24 - (fx - 0.5).abs() * 0.8)).abs() < 0.035;
            let pixel = match (inside, sheet, fold) {
                (false, ..) => [0, 0, 0, 0],
                (true, true, false) => [255, 255, 255, 255],
                _ => [0x44, 0x53, 0xCF, 255],
            };
            rgba.extend_from_slice(&pixel);
        }
    }
    rgba
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_toolkit_are_named_by_what_mends_them() {
        let xlib = "winit EventLoopError: os error at x.rs:788: Failed to load one of xlib's shared libraries";
        assert!(said(&named(true, xlib)).to_string().contains("libxcursor1"));
        let dead = "winit EventLoopError: os error at x.rs:788: Failed to open connection to X server";
        let words = said(&named(true, dead)).to_string();
        assert!(words.contains("cannot be reached (Failed to open connection to X server)"), "{words}");
        let words = said(&named(false, "WGPU error: Failed to create surface for any enabled backend: {}")).to_string();
        assert!(words.contains("No graphics device works (nothing was found)"), "{words}");
    }

    #[test]
    fn every_failure_names_the_text_mode_and_what_to_install() {
        for trouble in [
            Trouble::Display("x".into()),
            Trouble::Graphics("x".into()),
            Trouble::Library("libxkbcommon-x11.so".into()),
        ] {
            let words = said(&trouble).to_string();
            assert!(words.contains("mailpath run six-steps"), "{words}");
            assert!(matches!(trouble, Trouble::Display(_)) || words.contains("apt-get install"), "{words}");
        }
    }
}
