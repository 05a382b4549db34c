/**
 * The letters of overlays: DejaVu from its package, read by HarfBuzz, so that no font of the machine is ever asked and
 * every machine draws the same. Letters that none of the fonts has are drawn as an empty square.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { OverlayStyle } from '@slowlight/protocol';
import { Blob, Face, Font } from 'harfbuzzjs';

export type FontChoice = Pick<OverlayStyle, 'font' | 'weight'>;

export interface LoadedFont {
  name: string;
  font: Font;
  /** Units of the font to one letter size (em). */
  unitsPerEm: number;
  /** Above and below the base line, in em, both positive. */
  ascentEm: number;
  descentEm: number;
  has(codePoint: number): boolean;
  /** The box around a glyph's outline, in the font's units: left edge and top edge, width, and a negative height. */
  extents(glyph: number): { xBearing: number; yBearing: number; width: number; height: number };
  /** The outline of a glyph in the font's units, upwards positive, as an SVG path. */
  outline(glyph: number): string;
}

const FILES: Record<`${OverlayStyle['font']}-${OverlayStyle['weight']}`, string> = {
  'sans-regular': 'DejaVuSans',
  'sans-bold': 'DejaVuSans-Bold',
  'serif-regular': 'DejaVuSerif',
  'serif-bold': 'DejaVuSerif-Bold',
  'mono-regular': 'DejaVuSansMono',
  'mono-bold': 'DejaVuSansMono-Bold',
};

/** Reads each font when it is first asked for. */
export function createFonts() {
  const loaded = new Map<string, LoadedFont>();

  function load(file: string): LoadedFont {
    const known = loaded.get(file);
    if (known !== undefined) return known;
    const bytes = readFileSync(fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${file}.ttf`)));
    const face = new Face(new Blob(bytes), 0);
    const font = new Font(face);
    const codePoints = new Set(face.collectUnicodes());
    const outlines = new Map<number, string>();
    const { ascender, descender } = font.hExtents();
    const one: LoadedFont = {
      name: file,
      font,
      unitsPerEm: face.upem,
      ascentEm: ascender / face.upem,
      descentEm: -descender / face.upem,
      has: (codePoint) => codePoints.has(codePoint),
      extents: (glyph) => font.glyphExtents(glyph) ?? { xBearing: 0, yBearing: 0, width: 0, height: 0 },
      outline(glyph) {
        let path = outlines.get(glyph);
        if (path === undefined) {
          path = font.glyphToPath(glyph);
          outlines.set(glyph, path);
        }
        return path;
      },
    };
    loaded.set(file, one);
    return one;
  }

  return {
    /** The font that was chosen. */
    chosen: ({ font, weight }: FontChoice): LoadedFont => load(FILES[`${font}-${weight}`]),
    /** The first font that has all of these letters: the chosen one, or the one with the most letters; null: none has. */
    withLetters({ font, weight }: FontChoice, codePoints: readonly number[]): LoadedFont | null {
      for (const file of [FILES[`${font}-${weight}`], FILES[`sans-${weight}`], FILES['sans-regular']]) {
        const one = load(file);
        if (codePoints.every(one.has)) return one;
      }
      return null;
    },
  };
}

export type Fonts = ReturnType<typeof createFonts>;
