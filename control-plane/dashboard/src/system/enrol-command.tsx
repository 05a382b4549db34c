/** What is run on a device so that it becomes an agent: as text, and as a code for a telephone. */
import type { EnrolmentCreated } from '@slowlight/protocol';
import { generate } from 'lean-qr';
import { toSvgDataURL } from 'lean-qr/extras/svg';
import { useMemo } from 'react';
import { Facts } from '../parts/facts.tsx';
import { Moment } from '../parts/moment.tsx';
import { Secret } from '../parts/secret.tsx';
import { words } from '../words.ts';
import './enrolment.css';

export function EnrolCommand({ made, zone }: { made: EnrolmentCreated; zone: string }) {
  const code = useMemo(() => toSvgDataURL(generate(made.command), { on: '#000', off: '#fff', pad: 3 }), [made.command]);
  return (
    <div className="stack">
      <p>{words.enrolment.runText}</p>
      <Secret label={words.enrolment.command} value={made.command} />
      <img className="enrol-code" src={code} alt={words.enrolment.code} />
      <Facts
        facts={{
          [words.enrolment.until]: <Moment at={made.enrolment.expiresAt} zone={zone} style="time-exact" />,
          ...(made.pin !== null && { [words.enrolment.pin]: <code className="enrol-pin">{made.pin}</code> }),
        }}
      />
    </div>
  );
}
