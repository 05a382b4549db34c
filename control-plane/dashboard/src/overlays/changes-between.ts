/** What a timelapse wants otherwise than its template. Pure; `resolveOverlay` of the protocol is its way back. */
import type { OverlayChanges, OverlayLayout, OverlayStyleChange } from '@slowlight/protocol';

const NUMBERS = ['opacity', 'marginXPercent', 'marginYPercent', 'gapPercent'] as const;

/**
 * The changes that make `wanted` of `template`. The order of a template's own elements is the template's: what was put in
 * another order is hidden there and added anew behind the others, under another name.
 */
export function changesBetween(template: OverlayLayout, wanted: OverlayLayout): OverlayChanges {
  const kept = keptInOrder(template, wanted);
  const renamed = wanted.elements.map((element) =>
    kept.has(element.id) || !template.elements.some(({ id }) => id === element.id)
      ? element
      : { ...element, id: freeName(element.id, template, wanted) },
  );
  const same = (id: string, element: object) =>
    JSON.stringify(template.elements.find((one) => one.id === id)) === JSON.stringify(element);
  return {
    ...Object.fromEntries(
      NUMBERS.filter((name) => template[name] !== wanted[name]).map((name) => [name, wanted[name]]),
    ),
    style: styleBetween(template.style, wanted.style),
    elements: renamed.filter((element) => !same(element.id, element)),
    hide: template.elements.map(({ id }) => id).filter((id) => !kept.has(id)),
  };
}

/** The template as a timelapse with these changes has it; the names that were changed come along. */
export function withChanges(template: OverlayLayout, changes: OverlayChanges): OverlayLayout {
  const { style, elements: changed, hide, ...numbers } = changes;
  const known = new Set(template.elements.map(({ id }) => id));
  const given = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined));
  return {
    ...template,
    ...given,
    style: { ...template.style, ...style },
    elements: [
      ...template.elements.map((one) => changed.find(({ id }) => id === one.id) ?? one),
      ...changed.filter(({ id }) => !known.has(id)),
    ].filter(({ id }) => !hide.includes(id)),
  };
}

/** Those of the template's elements that stand before everything new and in the template's order. */
function keptInOrder(template: OverlayLayout, wanted: OverlayLayout): Set<string> {
  const kept = new Set<string>();
  let last = -1;
  for (const { id } of wanted.elements) {
    const at = template.elements.findIndex((one) => one.id === id);
    if (at <= last) break;
    kept.add(id);
    last = at;
  }
  return kept;
}

function freeName(id: string, template: OverlayLayout, wanted: OverlayLayout): string {
  const taken = new Set([...template.elements, ...wanted.elements].map((one) => one.id));
  let number = 1;
  while (taken.has(`${id}-own-${number}`)) number += 1;
  return `${id}-own-${number}`;
}

function styleBetween(before: OverlayStyleChange, after: OverlayStyleChange): OverlayStyleChange {
  return Object.fromEntries(
    Object.entries(after).filter(
      ([name, value]) => JSON.stringify(before[name as keyof OverlayStyleChange]) !== JSON.stringify(value),
    ),
  );
}
