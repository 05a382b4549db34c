/** What a timelapse shows over its frames: which template, and whether each frame gets a picture of it beside it. */
import type { OverlayTemplateView, TimelapseOverlayView, TimelapseView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { sayNumber } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { CheckField } from '../parts/field.tsx';
import { Icon } from '../parts/icon.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Progress } from '../parts/progress.tsx';
import { TimelapseFrame } from '../pieces/timelapse-frame.tsx';
import { useAction } from '../server/actions.ts';
import { placeActions } from '../server/place-actions.ts';
import { placeKeys, placeQueries } from '../server/place-queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { TemplatePicture, TemplateWords } from './template-card.tsx';
import { useSomeFrame } from './use-some-frame.ts';
import './overlays.css';

export function TimelapseOverlayPage() {
  const { timelapseId } = useParams({ from: '/timelapses/$timelapseId/overlay' });
  return <TimelapseFrame timelapseId={timelapseId}>{(timelapse) => <Overlay timelapse={timelapse} />}</TimelapseFrame>;
}

function Overlay({ timelapse }: { timelapse: TimelapseView }) {
  const overlay = useQuery(placeQueries.overlayOf(timelapse.id));
  const templates = useQuery(placeQueries.templates);
  return (
    <Loaded query={overlay} waiting={<div className="skeleton stage" />}>
      {(shown) => (
        <div className="stack">
          <Shown timelapse={timelapse} shown={shown} />
          <Loaded query={templates} waiting={<div className="skeleton stage" />}>
            {(list) => <Choice timelapse={timelapse} shown={shown} list={list} />}
          </Loaded>
        </div>
      )}
    </Loaded>
  );
}

function Shown({ timelapse, shown }: { timelapse: TimelapseView; shown: TimelapseOverlayView | null }) {
  const may = useMay('operate');
  const stale = [placeKeys.overlayOf(timelapse.id)];
  const show = useAction({ run: placeActions.showOverlay, stale, done: words.overlays.shownNow });
  const hide = useAction({ run: placeActions.hideOverlay, stale, done: words.overlays.hidden });
  const text = words.overlays;
  if (shown === null)
    return (
      <p className="muted">
        {text.showsNothing} {may && text.pickOne}
      </p>
    );
  const { templateId, version, changes, sidecars, progress } = shown;
  const overlay = { templateId, version, changes, sidecars };
  const differs = changes.elements.length + changes.hide.length + Object.keys(changes.style).length > 0;
  return (
    <section className="panel stack">
      <div className="section-head">
        <h2>{text.shown}</h2>
        {may && (
          <div className="actions">
            <Link
              className="button button-strong"
              to="/overlays/$templateId"
              params={{ templateId }}
              search={{ timelapse: timelapse.id, only: true, ...(version === null ? {} : { version }) }}
            >
              <Icon name="pencil" />
              {text.editHere}
            </Link>
            <Link
              className="button"
              to="/overlays/$templateId"
              params={{ templateId }}
              search={{ timelapse: timelapse.id }}
            >
              {text.editTemplate}
            </Link>
            <Button busy={hide.busy} onClick={() => hide.run(timelapse.id)}>
              {text.showNothing}
            </Button>
          </div>
        )}
      </div>
      {differs && <p className="muted small">{text.differs}</p>}
      {may && (
        <CheckField
          label={text.sidecars}
          help={text.sidecarsHelp}
          checked={sidecars}
          onPick={(on) => show.run({ id: timelapse.id, overlay: { ...overlay, sidecars: on } })}
        />
      )}
      {progress !== null && progress.pending > 0 && (
        <div className="stack">
          <Progress
            part={(progress.ready + progress.fallback + progress.failed) / Math.max(1, total(progress))}
            label={text.drawing}
          />
          <p className="muted small">{text.drawn(sayNumber(progress.ready), sayNumber(total(progress)))}</p>
        </div>
      )}
      {progress !== null && progress.failed + progress.fallback > 0 && (
        <p className="small warn-text">{text.notDrawn(progress.failed + progress.fallback)}</p>
      )}
    </section>
  );
}

const total = ({ pending, ready, failed, fallback }: NonNullable<TimelapseOverlayView['progress']>) =>
  pending + ready + failed + fallback;

function Choice({
  timelapse,
  shown,
  list,
}: {
  timelapse: TimelapseView;
  shown: TimelapseOverlayView | null;
  list: readonly OverlayTemplateView[];
}) {
  const may = useMay('operate');
  const { frameId } = useSomeFrame(timelapse.id, {});
  const show = useAction({
    run: placeActions.showOverlay,
    stale: [placeKeys.overlayOf(timelapse.id)],
    done: words.overlays.shownNow,
  });
  const pick = (templateId: OverlayTemplateView['id']) =>
    show.run({
      id: timelapse.id,
      overlay: {
        templateId,
        version: null,
        changes: { style: {}, elements: [], hide: [] },
        sidecars: shown?.sidecars ?? false,
      },
    });
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.overlays.templates}</h2>
        <div className="actions">
          <Link className="button button-quiet" to="/overlays">
            {words.overlays.allTemplates}
          </Link>
        </div>
      </div>
      <ul className="templates">
        {list.map((template) => {
          const used = template.id === shown?.templateId;
          return (
            <li key={template.id} className={used ? 'panel template is-used' : 'panel template'}>
              <TemplatePicture template={template} frameId={frameId} zone={timelapse.schedule.timeZone} />
              <TemplateWords template={template}>
                {used ? (
                  <span className="chip">{words.overlays.inUse}</span>
                ) : (
                  may && (
                    <Button
                      busy={show.busy}
                      aria-label={`${words.overlays.use}: ${template.name}`}
                      onClick={() => pick(template.id)}
                    >
                      {words.overlays.use}
                    </Button>
                  )
                )}
              </TemplateWords>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
