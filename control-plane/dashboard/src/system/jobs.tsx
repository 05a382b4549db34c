/** Work that the control plane owes or has done, by its state; and work on many pictures at once. */
import type { JobView, VideoId } from '@slowlight/protocol';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { sayNumber } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Ago } from '../parts/moment.tsx';
import { BulkDialog } from '../pieces/bulk-dialog.tsx';
import { BulkRow } from '../pieces/bulk-row.tsx';
import { actions, useAction } from '../server/actions.ts';
import { houseQueries } from '../server/house.ts';
import { keys, queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { JOB_STATES } from './place.ts';
import { SystemFrame } from './system-frame.tsx';

export function JobsPage() {
  const { state = 'dead' } = useSearch({ from: '/system/jobs' });
  return (
    <SystemFrame at="/system/jobs">
      <Jobs state={state} />
      <Bulk />
    </SystemFrame>
  );
}

function Jobs({ state }: { state: JobView['state'] }) {
  const jobs = useInfiniteQuery(houseQueries.jobs(state));
  const counts = useQuery(queries.system).data?.jobs;
  const counted = (of: JobView['state']) =>
    counts !== undefined && (of === 'waiting' || of === 'running' || of === 'dead') ? sayNumber(counts[of]) : null;
  return (
    <section>
      <nav className="choices" aria-label={words.parts.state}>
        {JOB_STATES.map((one) => (
          <Link key={one} to="/system/jobs" search={{ state: one }} aria-current={one === state ? 'true' : undefined}>
            {words.parts.jobStates[one]} {counted(one) !== null && <span className="muted">{counted(one)}</span>}
          </Link>
        ))}
      </nav>
      <Loaded query={jobs}>
        {({ pages }) => {
          const list = pages.flatMap(({ items }) => items);
          return (
            <ul className="panel rows">
              {list.length === 0 && (
                <li className="muted">{state === 'dead' ? words.system.noJobs : words.parts.noJobs}</li>
              )}
              {list.map((job) => (
                <Job key={job.id} job={job} />
              ))}
              {jobs.hasNextPage && (
                <li>
                  <Button kind="quiet" busy={jobs.isFetchingNextPage} onClick={() => void jobs.fetchNextPage()}>
                    {words.common.more}
                  </Button>
                </li>
              )}
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}

function Job({ job }: { job: JobView }) {
  const mayOperate = useMay('operate', 'house');
  const [cancelling, setCancelling] = useState(false);
  const stale = [keys.jobs, keys.system];
  const retry = useAction({ run: actions.retryJob, stale, done: words.system.retried });
  const cancel = useAction({ run: actions.cancelVideo, stale, done: words.parts.cancelled });
  const isFilm = job.kind === 'video' && (job.state === 'waiting' || job.state === 'running');
  return (
    <li className="fault">
      <div className="row">
        <span>{words.system.kinds[job.kind]}</span>
        <code className="small muted excerpt">{job.subject}</code>
        <span className="muted small">
          {job.attempts > 0 && `${words.system.attempts(job.attempts)}, `}
          <Ago at={job.createdAt} />
        </span>
        {mayOperate && job.state === 'dead' && (
          <Button icon="again" className="at-end" busy={retry.busy} onClick={() => retry.run(job.id)}>
            {words.system.retry}
          </Button>
        )}
        {mayOperate && isFilm && (
          <Button className="at-end" busy={cancel.busy} onClick={() => setCancelling(true)}>
            {words.parts.cancel}
          </Button>
        )}
      </div>
      {job.lastError !== null && <p className="film-reason">{job.lastError}</p>}
      <Confirm
        open={cancelling}
        onOpenChange={setCancelling}
        title={words.parts.cancelTitle}
        action={words.parts.cancel}
        danger
        onConfirm={() => cancel.run(job.subject as VideoId)}
      >
        <p>{words.parts.cancelFilm}</p>
      </Confirm>
    </li>
  );
}

function Bulk() {
  const bulk = useQuery(houseQueries.bulk);
  const sites = useQuery(queries.sites).data;
  const mayOperate = useMay('operate');
  const [beginning, setBeginning] = useState(false);
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.parts.bulk}</h2>
        {mayOperate && (
          <div className="actions">
            <Button icon="plus" onClick={() => setBeginning(true)}>
              {words.parts.bulkNew}
            </Button>
          </div>
        )}
      </div>
      <Loaded query={bulk}>
        {(list) => (
          <ul className="panel rows">
            {list.length === 0 && <li className="muted">{words.parts.noBulk}</li>}
            {list.map((one) => (
              <BulkRow
                key={one.id}
                bulk={one}
                mayOperate={mayOperate}
                place={sites?.find(({ id }) => id === one.siteId)?.name}
              />
            ))}
          </ul>
        )}
      </Loaded>
      <BulkDialog open={beginning} onClose={() => setBeginning(false)} />
    </section>
  );
}
