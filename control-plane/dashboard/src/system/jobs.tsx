import type { JobView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Button } from '../parts/button.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Ago } from '../parts/moment.tsx';
import { actions, useAction } from '../server/actions.ts';
import { keys, queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';

/** Work that gave up after all its attempts. */
export function Jobs() {
  const dead = useQuery(queries.jobs('dead'));
  const counts = useQuery(queries.system).data?.jobs;
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.system.jobs}</h2>
        {counts !== undefined && <p className="muted small">{words.system.queue(counts.waiting, counts.running)}</p>}
      </div>
      <Loaded query={dead}>
        {({ items }) => (
          <ul className="panel rows">
            {items.length === 0 && <li className="muted">{words.system.noJobs}</li>}
            {items.map((job) => (
              <DeadJob key={job.id} job={job} />
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  );
}

function DeadJob({ job }: { job: JobView }) {
  const mayOperate = useMay('operate');
  const retry = useAction({ run: actions.retryJob, stale: [keys.jobs, keys.system], done: words.system.retried });
  return (
    <li className="fault">
      <div className="row">
        <span>
          {words.system.kinds[job.kind]} <code className="small muted">{job.subject}</code>
        </span>
        <span className="muted small">
          {words.system.attempts(job.attempts)}, <Ago at={job.createdAt} />
        </span>
        {mayOperate && (
          <Button icon="again" className="push" busy={retry.busy} onClick={() => retry.run(job.id)}>
            {words.system.retry}
          </Button>
        )}
      </div>
      {job.lastError !== null && <p className="film-reason">{job.lastError}</p>}
    </li>
  );
}
