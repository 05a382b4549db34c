/**
 * An SVG with nothing but its drawing: written anew from the few elements and attributes that are known here, so that no
 * script, no style sheet, no font, no animation and no reference to anything outside can be left in it. What would be seen
 * and cannot be kept is refused and named, so that nobody gets another picture than the one that was uploaded.
 */
import { Failure } from '@slowlight/protocol/kit';
import { SaxesParser } from 'saxes';

const SVG = 'http://www.w3.org/2000/svg';
const XLINK = 'http://www.w3.org/1999/xlink';
const ELEMENTS = new Set([
  ...['svg', 'g', 'path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon'],
  ...['defs', 'linearGradient', 'radialGradient', 'stop', 'clipPath', 'mask'],
]);
/** Never seen, so left out without a word, with all that is in them. */
const UNSEEN = new Set(['script', 'metadata', 'title', 'desc']);
const PRESENTATION = [
  ...['fill', 'fill-opacity', 'fill-rule', 'stroke', 'stroke-width', 'stroke-linecap', 'stroke-linejoin'],
  ...['stroke-miterlimit', 'stroke-dasharray', 'stroke-dashoffset', 'stroke-opacity', 'opacity', 'color'],
  ...['stop-color', 'stop-opacity', 'clip-path', 'clip-rule', 'mask', 'display', 'visibility'],
];
const ATTRIBUTES = new Set([
  ...['id', 'd', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'cx', 'cy', 'r', 'rx', 'ry', 'fx', 'fy', 'fr', 'width', 'height'],
  ...['points', 'transform', 'viewBox', 'preserveAspectRatio', 'offset', 'pathLength'],
  ...['gradientUnits', 'gradientTransform', 'spreadMethod', 'clipPathUnits', 'maskUnits', 'maskContentUnits'],
  ...PRESENTATION,
]);
const STYLED = new Set(PRESENTATION);
const MOST_ELEMENTS = 20_000;
const MOST_DEPTH = 60;

/** @throws Failure `asset.refused` | `asset.unreadable` */
export function sanitiseSvg(text: string): string {
  const parser = new SaxesParser({ xmlns: true });
  const out: string[] = [];
  let elements = 0;
  let depth = 0;
  /** Above 0: inside something that is left out. */
  let skipping = 0;

  parser.on('error', (cause) => {
    throw unreadable(cause);
  });
  parser.on('doctype', (doctype) => {
    if (/<!ENTITY/i.test(doctype)) throw refused('a document type with entities');
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    depth += 1;
    elements += 1;
    if (depth > MOST_DEPTH || elements > MOST_ELEMENTS) throw refused(`more than ${MOST_ELEMENTS} elements`);
    if (skipping > 0 || uri !== SVG || UNSEEN.has(local)) {
      if (depth === 1) throw refused('another root than svg');
      skipping += 1;
      return;
    }
    if (!ELEMENTS.has(local) || (depth === 1) !== (local === 'svg')) throw refused(`the element ${local}`);
    const kept = Object.values(attributes).flatMap((one) => keepAttribute(one, local));
    const names = depth === 1 ? ` xmlns="${SVG}" xmlns:xlink="${XLINK}"` : '';
    out.push(`<${local}${names}${kept.map(([name, value]) => ` ${name}="${escapeXml(value)}"`).join('')}>`);
  });
  parser.on('closetag', ({ local }) => {
    depth -= 1;
    if (skipping > 0) skipping -= 1;
    else out.push(`</${local}>`);
  });
  parser.write(text).close();
  return out.join('');
}

type Attribute = { local: string; prefix: string; uri: string; value: string };

function keepAttribute({ local, prefix, uri, value }: Attribute, element: string): [string, string][] {
  if (prefix === 'xmlns' || local === 'xmlns') return [];
  if (local === 'href' && (uri === XLINK || uri === '')) {
    if (/^#[\w.-]{1,200}$/.test(value) && element.endsWith('Gradient')) return [['xlink:href', value]];
    throw refused(`a reference to ${value.slice(0, 60)}`);
  }
  if (uri !== '') return [];
  if (local === 'style') return keepStyle(value);
  if (!ATTRIBUTES.has(local)) return [];
  wantHarmless(local, value);
  return [[local, value]];
}

/** Declarations as attributes, which mean the same and cannot refer to anything. */
function keepStyle(style: string): [string, string][] {
  return style.split(';').flatMap((declaration): [string, string][] => {
    const colon = declaration.indexOf(':');
    const name = declaration.slice(0, colon).trim().toLowerCase();
    const value = declaration
      .slice(colon + 1)
      .replace(/!important/i, '')
      .trim();
    if (colon === -1 || !STYLED.has(name)) return [];
    wantHarmless(name, value);
    return [[name, value]];
  });
}

/** A value may point to something in the same drawing, and to nothing else. */
function wantHarmless(name: string, value: string): void {
  const elsewhere = value.replace(/url\(\s*(['"]?)#[\w.-]{1,200}\1\s*\)/g, '');
  if (/url\s*\(|\\|[a-z]+script\s*:|data:|@import|expression\s*\(/i.test(elsewhere))
    throw refused(`${name} with a reference to something outside`);
}

const escapeXml = (value: string): string =>
  value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const refused = (what: string): Failure =>
  new Failure({
    code: 'asset.refused',
    message: `This SVG holds ${what}, which cannot be kept.`,
    hint: 'Export it as plain paths (letters as outlines, no styles, effects or embedded pictures), or upload it as PNG.',
    retry: 'never',
  });
const unreadable = (cause: unknown): Failure =>
  new Failure({
    code: 'asset.unreadable',
    message: 'This SVG is damaged and cannot be read.',
    hint: 'Save it anew with a drawing program, or upload it as PNG.',
    retry: 'never',
    cause,
  });
