/** What needs somebody now, what did, by which rules, and where it is told. */
import { useMay } from '../server/session.ts';
import { AlarmChannels } from './alarm-channels.tsx';
import { AlarmDeliveries } from './alarm-deliveries.tsx';
import { AlarmHistory, OpenAlarms } from './alarm-list.tsx';
import { AlarmRulesForm } from './alarm-rules.tsx';
import { SystemFrame } from './system-frame.tsx';
import { Webhooks } from './webhooks.tsx';
import './alarms.css';

export function AlarmsPage() {
  const administers = useMay('administer', 'house');
  return (
    <SystemFrame at="/system/alarms">
      <OpenAlarms />
      {administers && <AlarmChannels />}
      {administers && <AlarmDeliveries />}
      <AlarmRulesForm />
      {administers && <Webhooks />}
      <AlarmHistory />
    </SystemFrame>
  );
}
