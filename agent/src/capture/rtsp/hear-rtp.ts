/** From the packets of one RTP track to the intake of a tap: pictures, when they arrived, and what was lost. */
import type { Intake } from '../tap/tap.ts';
import type { Looked } from './line.ts';
import { createRtpClock } from './rtp-clock.ts';
import { createRtpUnits, type RtpUnits, type RtpUnitsOptions } from './rtp-units.ts';

export interface HearingDeps {
  intake: Intake;
  /** When what is being read was read. */
  lookedAtMs: () => Looked;
  onFirstKeyframe(): void;
}

export function hearRtp(
  { intake, lookedAtMs, onFirstKeyframe }: HearingDeps,
  { codec, payloadType, clockHz }: RtpUnitsOptions & { clockHz: number },
): RtpUnits {
  const times = createRtpClock(clockHz);
  let begun = false;
  return createRtpUnits(
    {
      arrivedAtMs(timestamp) {
        intake.heard();
        const { readAtMs, emptyAtMs } = lookedAtMs();
        return times.arrivedAtMs(timestamp, readAtMs, emptyAtMs);
      },
      onUnit(unit) {
        intake.addUnit(unit);
        if (begun || !unit.key) return;
        begun = true;
        onFirstKeyframe();
      },
      onLoss(what) {
        if (what === 'packets') intake.lost(false);
        else intake.cut(what === 'given');
      },
      onForeign: intake.foreign,
    },
    { codec, payloadType },
  );
}
