//! Pictures without a graphics card or driver: triangles with feathered edges and textures, drawn by the processor,
//! bit for bit the same on every machine.

use std::collections::HashMap;

use eframe::egui::epaint::{ImageData, Mesh, Primitive, Vertex};
use eframe::egui::{Context, FullOutput, Pos2, TextureId, TexturesDelta};
use image::{Rgba, RgbaImage};

/// A texture: width, height, premultiplied colours.
type Texture = (usize, usize, Vec<[f32; 4]>);

/// The renderer.
#[derive(Default)]
pub struct Cpu {
    textures: HashMap<TextureId, Texture>,
}

impl egui_kittest::TestRenderer for Cpu {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (id, images) in delta.set.drain() {
            for image in images {
                let ImageData::Color(colours) = &image.image;
                let [w, h] = colours.size;
                let pixels: Vec<[f32; 4]> =
                    colours.pixels.iter().map(|p| p.to_array().map(|v| f32::from(v) / 255.0)).collect();
                match image.pos {
                    None => {
                        self.textures.insert(id, (w, h, pixels));
                    }
                    Some([x, y]) => {
                        let Some((width, _, whole)) = self.textures.get_mut(&id) else { continue };
                        for row in 0..h {
                            let start = (y + row) * *width + x;
                            whole[start..start + w].copy_from_slice(&pixels[row * w..(row + 1) * w]);
                        }
                    }
                }
            }
        }
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    fn render(&mut self, ctx: &Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = ctx.pixels_per_point();
        let size = ctx.content_rect().size() * scale;
        let (w, h) = (size.x.round() as usize, size.y.round() as usize);
        let mut frame = vec![[0.0_f32; 4]; w * h];
        for primitive in ctx.tessellate(output.shapes.clone(), scale) {
            let Primitive::Mesh(mesh) = &primitive.primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let clip = primitive.clip_rect * scale;
            let edge = |v: f32, most: usize| (v.round().max(0.0) as usize).min(most);
            let clip = [edge(clip.min.x, w), edge(clip.min.y, h), edge(clip.max.x, w), edge(clip.max.y, h)];
            draw(&mut frame, w, mesh, texture, clip, scale);
        }
        let mut image = RgbaImage::new(w as u32, h as u32);
        for (out, pixel) in image.pixels_mut().zip(&frame) {
            *out = Rgba(pixel.map(|v| (v * 255.0).round().clamp(0.0, 255.0) as u8));
        }
        Ok(image)
    }
}

/// The colour of a texture between its pixels.
fn sample((w, h, pixels): &Texture, u: f32, v: f32) -> [f32; 4] {
    let (x, y) = (u * *w as f32 - 0.5, v * *h as f32 - 0.5);
    let (fx, fy) = (x - x.floor(), y - y.floor());
    let at = |x: i64, y: i64| pixels[y.clamp(0, *h as i64 - 1) as usize * w + x.clamp(0, *w as i64 - 1) as usize];
    let (x, y) = (x.floor() as i64, y.floor() as i64);
    let (a, b, c, d) = (at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1));
    std::array::from_fn(|i| (a[i] * (1.0 - fx) + b[i] * fx) * (1.0 - fy) + (c[i] * (1.0 - fx) + d[i] * fx) * fy)
}

fn draw(frame: &mut [[f32; 4]], width: usize, mesh: &Mesh, texture: &Texture, clip: [usize; 4], scale: f32) {
    for corners in mesh.indices.chunks_exact(3) {
        let v: [&Vertex; 3] = [0, 1, 2].map(|i| &mesh.vertices[corners[i] as usize]);
        triangle(frame, width, v, texture, clip, scale);
    }
}

fn triangle(frame: &mut [[f32; 4]], width: usize, v: [&Vertex; 3], texture: &Texture, clip: [usize; 4], scale: f32) {
    type Point = (i64, i64);
    // Snapped to 1/256 pixel, as a graphics card does.
    let snap = |p: Pos2| ((p.x * scale * 256.0).round() as i64, (p.y * scale * 256.0).round() as i64);
    let cross = |a: Point, b: Point, p: Point| (b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0);
    let [mut va, mut vb, vc] = v;
    let (mut a, mut b, c) = (snap(va.pos), snap(vb.pos), snap(vc.pos));
    let mut area = cross(a, b, c);
    if area == 0 {
        return;
    }
    if area < 0 {
        std::mem::swap(&mut a, &mut b);
        std::mem::swap(&mut va, &mut vb);
        area = -area;
    }
    // A pixel on an edge belongs to one of two triangles.
    let owned = |a: Point, b: Point| if (a.1 == b.1 && b.0 > a.0) || b.1 < a.1 { 0 } else { -1 };
    let low = |v: i64, least: usize| (v >> 8).max(least as i64) as usize;
    let high = |v: i64, most: usize| ((v >> 8) + 1).clamp(0, most as i64) as usize;
    let columns = low(a.0.min(b.0).min(c.0), clip[0])..high(a.0.max(b.0).max(c.0), clip[2]);
    let rows = low(a.1.min(b.1).min(c.1), clip[1])..high(a.1.max(b.1).max(c.1), clip[3]);
    let colours = [va, vb, vc].map(|v| v.color.to_array().map(|x| f32::from(x) / 255.0));
    for y in rows {
        for x in columns.clone() {
            let p = (x as i64 * 256 + 128, y as i64 * 256 + 128);
            let w = [cross(b, c, p), cross(c, a, p), cross(a, b, p)];
            if w[0] + owned(b, c) < 0 || w[1] + owned(c, a) < 0 || w[2] + owned(a, b) < 0 {
                continue;
            }
            let l = w.map(|w| w as f32 / area as f32);
            let u = va.uv.x * l[0] + vb.uv.x * l[1] + vc.uv.x * l[2];
            let t = va.uv.y * l[0] + vb.uv.y * l[1] + vc.uv.y * l[2];
            let s = sample(texture, u, t);
            let source: [f32; 4] =
                std::array::from_fn(|i| (colours[0][i] * l[0] + colours[1][i] * l[1] + colours[2][i] * l[2]) * s[i]);
            let pixel = &mut frame[y * width + x];
            for i in 0..4 {
                pixel[i] = source[i] + pixel[i] * (1.0 - source[3]);
            }
        }
    }
}
