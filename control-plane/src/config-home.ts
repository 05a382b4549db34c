/** Whether this control plane speaks with the brokers of users' houses; which ones is arranged in the dashboard. */
import { z } from 'zod';

export const homeVariables = {
  SLOWLIGHT_HOME_AUTOMATION: z.enum(['on', 'off'], 'must be on or off').default('on'),
};
