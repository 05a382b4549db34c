/** The overlay editor: a template, or what one timelapse shows otherwise than its template, on a frame of that timelapse. */
import type {
  OverlayLayout,
  OverlayTemplateId,
  OverlayTemplateView,
  TimelapseOverlayView,
  TimelapseView,
} from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { ownZone } from '../moments/zone.ts';
import { Loaded } from '../parts/loaded.tsx';
import { useTitle } from '../parts/title.ts';
import { useAction } from '../server/actions.ts';
import { placeActions } from '../server/place-actions.ts';
import { placeKeys, placeQueries } from '../server/place-queries.ts';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';
import { changesBetween, withChanges } from './changes-between.ts';
import { Editor } from './editor.tsx';
import type { EditorPlace } from './place.ts';
import './overlays.css';

export function EditorPage() {
  const { templateId } = useParams({ from: '/overlays/$templateId' });
  const place = useSearch({ from: '/overlays/$templateId' });
  const template = useQuery(placeQueries.template(templateId as OverlayTemplateId, place.version));
  const timelapse = useQuery({
    ...queries.timelapse(place.timelapse ?? ('' as TimelapseView['id'])),
    enabled: place.timelapse !== undefined,
  });
  const overlay = useQuery({
    ...placeQueries.overlayOf(place.timelapse ?? ('' as TimelapseView['id'])),
    enabled: place.timelapse !== undefined,
  });
  useTitle(template.data?.name);
  return (
    <div className="page editor-page">
      <Loaded query={template} waiting={<div className="skeleton stage" />}>
        {(found) =>
          place.only === true && place.timelapse !== undefined ? (
            <Loaded query={overlay} waiting={<div className="skeleton stage" />}>
              {(shown) => (
                <TimelapseEditor
                  key={`${found.id} ${found.version}`}
                  template={found}
                  shown={shown}
                  timelapse={timelapse.data}
                  place={place}
                />
              )}
            </Loaded>
          ) : (
            <TemplateEditor
              key={`${found.id} ${found.version}`}
              template={found}
              timelapse={timelapse.data}
              place={place}
            />
          )
        }
      </Loaded>
    </div>
  );
}

interface Props {
  template: OverlayTemplateView;
  timelapse: TimelapseView | undefined;
  place: EditorPlace;
}

/** A template of one's own gets a new version; one that came along is saved as one's own. */
function TemplateEditor({ template, timelapse, place }: Props) {
  const navigate = useNavigate();
  const stale = [placeKeys.templates];
  const change = useAction({
    run: placeActions.changeTemplate,
    stale,
    faults: 'in-form',
    done: ({ version }) => words.overlays.saved(version),
    onDone: ({ id }) => {
      const { version: _, ...rest } = place;
      void navigate({ to: '/overlays/$templateId', params: { templateId: id }, search: rest, replace: true });
    },
  });
  const create = useAction({
    run: placeActions.createTemplate,
    stale,
    faults: 'in-form',
    done: words.overlays.savedAs,
    onDone: ({ id }) => void navigate({ to: '/overlays/$templateId', params: { templateId: id }, search: place }),
  });
  const action = template.builtIn ? create : change;
  const save = (layout: OverlayLayout, name: string) => {
    if (template.builtIn) create.run({ layout, name: name === template.name ? words.overlays.own(name) : name });
    else change.run({ id: template.id, change: { layout, ...(name === template.name ? {} : { name }) } });
  };
  return (
    <Editor
      start={template.layout}
      name={template.name}
      note={template.builtIn ? words.overlays.builtIn : words.overlays.version(template.version)}
      saving={template.builtIn ? words.overlays.saveAs : words.common.save}
      versions={template}
      place={place}
      timelapseId={timelapse?.id}
      zone={timelapse?.schedule.timeZone ?? ownZone()}
      action={action}
      onSave={save}
    />
  );
}

function TimelapseEditor({ template, shown, timelapse, place }: Props & { shown: TimelapseOverlayView | null }) {
  const fits = shown?.templateId === template.id;
  const show = useAction({
    run: placeActions.showOverlay,
    stale: timelapse === undefined ? [] : [placeKeys.overlayOf(timelapse.id)],
    faults: 'in-form',
    done: words.overlays.shownNow,
  });
  return (
    <Editor
      start={fits ? withChanges(template.layout, shown.changes) : template.layout}
      name={timelapse?.name ?? ''}
      note={words.overlays.onlyHere(template.name)}
      saving={words.common.save}
      place={place}
      timelapseId={timelapse?.id}
      zone={timelapse?.schedule.timeZone ?? ownZone()}
      action={show}
      onSave={(layout) => {
        if (timelapse === undefined) return;
        const overlay = {
          templateId: template.id,
          version: fits ? shown.version : null,
          changes: changesBetween(template.layout, layout),
          sidecars: shown?.sidecars ?? false,
        };
        show.run({ id: timelapse.id, overlay });
      }}
    />
  );
}
