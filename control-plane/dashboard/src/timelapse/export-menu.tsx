/** What of a timelapse can be taken home: its pictures, and what became of every slot. */
import type { TimelapseView } from '@slowlight/protocol';
import { Button } from '../parts/button.tsx';
import { Menu } from '../parts/menu.tsx';
import { withQuery } from '../server/request.ts';
import { words } from '../words.ts';

/** @param part the time that is meant, ms; nothing: all of it */
export function ExportMenu({ timelapse, part }: { timelapse: TimelapseView; part?: { from: number; to: number } }) {
  const of = (path: string, query: Record<string, string> = {}) =>
    withQuery(`/api/timelapses/${timelapse.id}/${path}`, { ...part, ...query });
  return (
    <Menu
      trigger={<Button icon="download">{words.calendar.export}</Button>}
      entries={[
        { kind: 'say', text: part === undefined ? words.calendar.exportAll : words.calendar.exportPart },
        { kind: 'link', text: words.calendar.exportZip, icon: 'film', href: of('frames.zip') },
        { kind: 'link', text: words.calendar.exportGood, icon: 'film', href: of('frames.zip', { flagged: 'false' }) },
        { kind: 'link', text: words.calendar.exportCsv, icon: 'grid', href: of('slots', { format: 'csv' }) },
        { kind: 'link', text: words.calendar.exportJson, icon: 'grid', href: of('slots', { format: 'json' }) },
      ]}
    />
  );
}
