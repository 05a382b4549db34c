/** How a site did in a day or a week, told once for each. */
import { type SiteView, type TimelapseView, thumbnailKey } from '@slowlight/protocol';
import { Temporal } from 'temporal-polyfill';
import type { ObjectStore } from '../frame.ts';
import type { PlaceRecords } from '../ports.ts';
import type { AlarmMessage, AlarmRecords, Channel } from '../ports-alarms.ts';
import type { CoverageRecords } from '../ports-ledger.ts';
import type { KeptMessage, Message, Picture } from './message.ts';
import { say, sayDuration } from './words.ts';

type Kept = Extract<KeptMessage, { type: 'digest' }>;
type DigestRecords = Pick<PlaceRecords, 'site' | 'cameras' | 'timelapses'> &
  Pick<CoverageRecords, 'coverage'> &
  Pick<AlarmRecords, 'alarmsBetween' | 'bestFrame'>;

/** In a mail; more are named without a picture. */
const MOST_PICTURES = 12;
const MOST_PICTURE_BYTES = 256 * 1024;

/**
 * The newest period that is over: it ends at this hour on the wall of the time zone, of a week on a Monday. Pure.
 * An hour that the clocks skip is the one after it.
 */
export function digestPeriod(
  now: number,
  { timeZone, every, hour }: { timeZone: string; every: 'day' | 'week'; hour: number },
): { from: number; to: number; date: string } {
  const wall = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  const endOn = (date: Temporal.PlainDate) => date.toZonedDateTime({ timeZone, plainTime: { hour } }).epochMilliseconds;
  let date = wall.toPlainDate();
  if (every === 'week') date = date.subtract({ days: date.dayOfWeek - 1 });
  const step = { days: every === 'week' ? 7 : 1 };
  if (endOn(date) > now) date = date.subtract(step);
  return { from: endOn(date.subtract(step)), to: endOn(date), date: date.toString() };
}

/** What of digests is due. Each has a name of its own, so it is told once, however often this is asked. Pure. */
export function dueDigests(
  channels: readonly Channel[],
  sites: readonly Pick<SiteView, 'id' | 'name' | 'timeZone' | 'createdAt'>[],
  now: number,
): AlarmMessage[] {
  return channels
    .filter(({ enabled, digest }) => enabled && digest !== 'never')
    .flatMap((channel) =>
      sites.flatMap((site): AlarmMessage[] => {
        if (channel.digest === 'never' || (channel.siteIds !== null && !channel.siteIds.includes(site.id))) return [];
        const { timeZone } = site;
        const { from, to, date } = digestPeriod(now, { timeZone, every: channel.digest, hour: channel.digestHour });
        // Whoever was not there yet is told of nothing that was before.
        if (channel.createdAt >= to || site.createdAt >= to) return [];
        const content: Kept = { type: 'digest', at: to, siteId: site.id, from, to };
        const about = `digest ${channel.digest} ${site.id} ${date}`;
        return [{ channelId: channel.id, about, title: `${site.name}: ${date}`, content: JSON.stringify(content) }];
      }),
    );
}

interface Row {
  name: string;
  planned: number;
  taken: number;
  missing: number;
  /** Of which nothing is known yet. */
  unreported: number;
  picture: Picture | null;
}

/** null: the site is gone. @param link to the dashboard */
export async function composeDigest(
  deps: { records: DigestRecords; objects: Pick<ObjectStore, 'read' | 'stat'> },
  kept: Kept,
  { id, link }: { id: string; link: string | null },
): Promise<Message | null> {
  const { records } = deps;
  const site = await records.site(kept.siteId as SiteView['id']);
  if (site === null) return null;
  const rows: Row[] = [];
  for await (const timelapse of timelapsesOf(records, site.id)) {
    const isOver = timelapse.completedAt !== null && timelapse.completedAt < kept.from;
    if (isOver || timelapse.startedAt >= kept.to) continue;
    const withPicture = rows.filter(({ picture }) => picture !== null).length < MOST_PICTURES;
    rows.push(await rowOf(deps, timelapse, { ...kept, withPicture }));
  }
  const alarms = (await records.alarmsBetween(site.id, kept.from, kept.to)).map((alarm) => ({
    title: say(alarm).title,
    state:
      alarm.clearedAt === null
        ? 'still open'
        : `lasted ${sayDuration(Math.max(0, alarm.clearedAt - (alarm.raisedAt ?? alarm.clearedAt)))}`,
  }));
  const day = (at: number) =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(site.timeZone).toPlainDate();
  const title = `${site.name}, ${day(kept.from)} to ${day(kept.to)}`;
  const lines = rows.map(({ name, ...row }) => `${name}: ${sayRow(row)}`);
  const alarmLines = alarms.map((alarm) => `${alarm.title} (${alarm.state})`);
  return {
    id,
    type: 'digest',
    at: kept.to,
    severity: 'warning',
    title,
    text: [
      ...(lines.length === 0 ? ['No timelapse was running.'] : lines),
      '',
      ...(alarmLines.length === 0 ? ['No alarms.'] : ['Alarms:', ...alarmLines]),
    ].join('\n'),
    link,
    facts: {
      siteId: site.id,
      from: kept.from,
      to: kept.to,
      timelapses: rows.map(({ picture: _picture, ...row }) => row),
      alarms,
    },
    html: htmlOf({ title, rows, alarmLines, link }),
    pictures: rows.flatMap(({ picture }) => picture ?? []),
  };
}

function sayRow({ planned, taken, missing, unreported }: Pick<Row, 'planned' | 'taken' | 'missing' | 'unreported'>) {
  if (planned === 0) return 'nothing was planned';
  const waiting = unreported > 0 ? `, ${unreported} not heard of yet` : '';
  return `${taken} of ${planned} pictures${missing > 0 ? `, ${missing} missing` : ''}${waiting}`;
}

async function* timelapsesOf(records: DigestRecords, site: SiteView['id']): AsyncGenerator<TimelapseView, void> {
  for (let after: string | null | undefined; after !== null; ) {
    const page = await records.timelapses({ sites: [site], limit: 200, after: after ?? undefined });
    yield* page.items;
    after = page.next;
  }
}

async function rowOf(
  { records, objects }: { records: DigestRecords; objects: Pick<ObjectStore, 'read' | 'stat'> },
  timelapse: TimelapseView,
  { from, to, withPicture }: { from: number; to: number; withPicture: boolean },
): Promise<Row> {
  const { planned, outcomes } = await records.coverage(timelapse.id, from, to);
  const taken = (outcomes.captured ?? 0) + (outcomes.flagged ?? 0);
  const unreported = outcomes.unreported ?? 0;
  const best = withPicture ? await records.bestFrame(timelapse.id, from, to) : null;
  const jpeg = best === null ? null : await readSmall(objects, thumbnailKey(best.id, 'small'));
  return {
    name: timelapse.name,
    planned,
    taken,
    unreported,
    missing: planned - taken - unreported,
    picture: jpeg === null || best === null ? null : { cid: best.id, jpeg },
  };
}

/** null: it is not there, or too large for a mail. */
async function readSmall(objects: Pick<ObjectStore, 'read' | 'stat'>, key: string): Promise<Buffer | null> {
  const stored = await objects.stat(key);
  if (stored === null || stored.sizeBytes > MOST_PICTURE_BYTES) return null;
  const pieces: Uint8Array[] = [];
  for await (const piece of await objects.read(key)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (found) => ENTITIES[found] ?? '');

function htmlOf(of: {
  title: string;
  rows: readonly Row[];
  alarmLines: readonly string[];
  link: string | null;
}): string {
  const rows = of.rows.map(({ name, picture, ...row }) => {
    const shown =
      picture === null
        ? ''
        : `<img src="cid:${picture.cid}" alt="" style="display:block;max-width:100%;border-radius:6px">`;
    return `<h2 style="font-size:16px;margin:20px 0 6px">${escapeHtml(name)}</h2>${shown}<p style="margin:6px 0">${escapeHtml(sayRow(row))}</p>`;
  });
  const alarms =
    of.alarmLines.length === 0
      ? '<p>No alarms.</p>'
      : `<h2 style="font-size:16px">Alarms</h2><ul>${of.alarmLines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
  const link = of.link === null ? '' : `<p><a href="${escapeHtml(of.link)}">Slowlight</a></p>`;
  const body = rows.length === 0 ? '<p>No timelapse was running.</p>' : rows.join('');
  return `<!doctype html><html><body style="font:15px/1.5 sans-serif;max-width:640px;margin:auto"><h1 style="font-size:20px">${escapeHtml(of.title)}</h1>${body}${alarms}${link}</body></html>`;
}
