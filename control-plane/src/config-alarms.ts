/** Whether this control plane raises alarms and tells them; which ones and where is arranged in the dashboard. */
import { z } from 'zod';

export const alarmVariables = {
  SLOWLIGHT_ALARMS: z.enum(['on', 'off'], 'must be on or off').default('on'),
};
