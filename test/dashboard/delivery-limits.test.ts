import { draftOf, limitsOf } from '@slowlight/dashboard/src/system/delivery-limits.ts';
import { deliverySettings } from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';

describe('limits of delivery, as they are typed', () => {
  const limits = deliverySettings.parse({
    bytesPerDay: 1_500_000_000,
    backlogBitsPerSecond: 250_000,
    backlogHours: [
      { from: '22:00', until: '06:00' },
      { from: '12:00', until: '13:00' },
    ],
    newFrames: 'in-hours',
  });

  test('are shown and read back as they were', () => {
    expect(draftOf(limits)).toMatchObject({ gigabytesPerDay: '1.5', gigabytesPerMonth: '', backlogMegabits: '0.25' });
    expect(limitsOf(draftOf(limits), limits)).toEqual(limits);
    expect(limitsOf(draftOf(null), null)).toBeNull();
  });

  test('replace all hours once the first ones are changed, and are none when everything is empty', () => {
    expect(limitsOf({ ...draftOf(limits), until: '07:00' }, limits)?.backlogHours).toEqual([
      { from: '22:00', until: '07:00' },
    ]);
    const empty = { gigabytesPerDay: ' ', gigabytesPerMonth: '', backlogMegabits: '', from: '', until: '' };
    expect(limitsOf({ ...empty, holdNewFrames: true }, limits)).toBeNull();
  });
});
