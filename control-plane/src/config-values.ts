/** What a setting may look like, and the problem that is told where it does not. Each part of the settings is made of these. */
import { z } from 'zod';

export const text = z.string().max(4096);
export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port, 0 to 65535 (0 takes any free one)')
  .transform(Number)
  .refine((value) => value <= 65_535, 'must be a port, 0 to 65535 (0 takes any free one)');
export const whole = (least: number, most: number, unit: string) =>
  z
    .string()
    .regex(/^\d{1,12}$/, `must be a whole number of ${unit}, ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be ${least} to ${most} ${unit}`);
export const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');
export const url = (schemes: readonly string[], example: string) =>
  z.string().refine((value) => {
    const read = URL.parse(value);
    return read !== null && schemes.includes(read.protocol.slice(0, -1)) && read.hostname !== '';
  }, `must be an address such as ${example}`);
export const httpUrl = url(['http', 'https'], 'https://slowlight.example.org').refine(
  (value) => ['', '/'].includes(URL.parse(value)?.pathname ?? ''),
  'must have no path',
);
export const mqttUrl = url(['mqtt', 'mqtts'], 'mqtts://broker.example.org:8883').refine((value) => {
  const read = URL.parse(value);
  return read?.username === '' && read.password === '';
}, 'must not hold a user name or password: give them in SLOWLIGHT_BROKER_USERNAME and SLOWLIGHT_BROKER_PASSWORD');
