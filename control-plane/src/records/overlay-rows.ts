/** What the records of templates, of assets and of timelapses’ overlays share: templates and pictures as they are found. */
import {
  BUILT_IN_TEMPLATES,
  type OverlayElement,
  type OverlayTemplateId,
  type OverlayTemplateView,
  overlayChanges,
  overlayLayout,
  resolveOverlay,
} from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { Kysely, Selectable } from 'kysely';
import type { Change } from './database.ts';
import { notFound } from './not-found.ts';
import type { Tables } from './schema.ts';
import type { TimelapseOverlaysTable } from './schema-overlay.ts';

/** A template that comes along, as one reads it. */
export function builtInView(id: OverlayTemplateId): OverlayTemplateView | null {
  const found = BUILT_IN_TEMPLATES.find((one) => one.id === id);
  return found === undefined ? null : { ...found, builtIn: true, version: 1, newestVersion: 1, createdAt: 0 };
}

/** A template at a version, the newest when none is named; from the transaction where there is one. */
export async function readTemplate(
  db: Kysely<Tables>,
  id: OverlayTemplateId,
  version?: number,
): Promise<OverlayTemplateView | null> {
  const builtIn = builtInView(id);
  if (builtIn !== null) return version === undefined || version === 1 ? builtIn : null;
  const row = await db
    .selectFrom('overlay_templates')
    .innerJoin('overlay_template_versions as said', 'said.template_id', 'overlay_templates.id')
    .select(['id', 'name', 'overlay_templates.version as newest', 'said.version', 'layout', 'said.created_at'])
    .where('id', '=', id)
    .where('said.version', '=', (eb) => (version === undefined ? eb.ref('overlay_templates.version') : eb.val(version)))
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    name: row.name,
    builtIn: false,
    version: row.version,
    newestVersion: row.newest,
    layout: overlayLayout.parse(JSON.parse(row.layout)),
    createdAt: row.created_at,
  };
}

/** The template, kept as it is until the end of the transaction; null when it was deleted. */
export async function lockTemplate({ tx, dialect }: Change, id: OverlayTemplateId) {
  const query = tx.selectFrom('overlay_templates').selectAll().where('id', '=', id).where('deleted_at', 'is', null);
  return (await (dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst()) ?? null;
}

/** The pictures that elements show are there, and stay until the end of the transaction. @throws Failure `asset.not-found` */
export async function wantAssets({ tx, dialect }: Change, elements: readonly OverlayElement[]): Promise<void> {
  for (const element of elements) {
    if (element.kind !== 'image') continue;
    const query = tx.selectFrom('assets').select('id').where('id', '=', element.assetId);
    const found = await (dialect === 'postgres' ? query.forShare() : query).executeTakeFirst();
    if (found === undefined) throw notFound('asset', element.assetId);
  }
}

/** What cannot go because something shows it. */
export const inUse = (what: 'overlay-template' | 'asset', message: string): Failure =>
  new Failure({ code: `${what}.in-use`, message, hint: 'Let it show another one first.', retry: 'never' });

/** What a timelapse shows; null when its template is not there. */
export async function overlayOf(within: Kysely<Tables>, row: Selectable<TimelapseOverlaysTable>) {
  const template = await readTemplate(within, row.template_id, row.version ?? undefined);
  if (template === null) return null;
  const overlay = resolveOverlay(template.layout, overlayChanges.parse(JSON.parse(row.changes)));
  return { overlay, revision: row.revision, sidecars: row.sidecars === 1 };
}
