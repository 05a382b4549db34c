/**
 * What Home Assistant takes in a discovery message of a device, for the kinds of entities that we make. Home Assistant drops
 * keys that it does not know in silence; here they are refused.
 * Source: the rules of its integration `mqtt` as of 2026.4 (device discovery, each platform's own schema).
 */
import { z } from 'zod';

const topic = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^[^+#\0]+$/, 'must hold no wildcard');
const text = z.string().min(1).max(255);
const template = z.string().min(1).max(2000);
const url = z.url({ protocol: /^https?$/ });
const qos = z.union([z.literal(0), z.literal(1), z.literal(2)]);

const availability = z.strictObject({
  topic,
  payload_available: text.optional(),
  payload_not_available: text.optional(),
  value_template: template.optional(),
});
const availabilityMode = z.enum(['all', 'any', 'latest']);

const common = {
  /** Home Assistant shows an entity that carries none of its own as the device's. */
  availability: z.array(availability).optional(),
  availability_mode: availabilityMode.optional(),
  enabled_by_default: z.boolean().optional(),
  icon: z
    .string()
    .regex(/^mdi:[a-z0-9-]+$/)
    .optional(),
  json_attributes_topic: topic.optional(),
  json_attributes_template: template.optional(),
  name: text.nullable().optional(),
  unique_id: z.string().regex(/^[a-zA-Z0-9_-]{1,120}$/),
  qos: qos.optional(),
};
/** `object_id` is gone since 2026.4: this one holds the domain too. */
const entityId = <Domain extends string>(domain: Domain) =>
  z
    .string()
    .regex(new RegExp(`^${domain}\\.[a-z0-9_]{1,120}$`))
    .optional();
const read = { state_topic: topic, value_template: template.optional() };
const written = { command_topic: topic, command_template: template.optional(), retain: z.literal(false).optional() };
/** What only tells cannot be a setting. */
const told = z.literal('diagnostic').optional();
const set = z.enum(['config', 'diagnostic']).optional();

const image = z.strictObject({
  ...common,
  platform: z.literal('image'),
  default_entity_id: entityId('image'),
  entity_category: told,
  /** Exactly one of `image_topic` and `url_topic` is taken; ours is always the first. */
  image_topic: topic,
  content_type: z.literal('image/jpeg'),
});
const button = z.strictObject({
  ...common,
  ...written,
  platform: z.literal('button'),
  default_entity_id: entityId('button'),
  entity_category: set,
  payload_press: text,
  device_class: z.enum(['identify', 'restart', 'update']).optional(),
});
const toggle = z.strictObject({
  ...common,
  ...read,
  ...written,
  platform: z.literal('switch'),
  default_entity_id: entityId('switch'),
  entity_category: set,
  payload_on: text,
  payload_off: text,
  state_on: text,
  state_off: text,
  /** Shown is what was accepted, not what was asked for. */
  optimistic: z.literal(false),
  device_class: z.enum(['outlet', 'switch']).optional(),
});
const number = z
  .strictObject({
    ...common,
    ...read,
    ...written,
    platform: z.literal('number'),
    default_entity_id: entityId('number'),
    entity_category: set,
    min: z.number(),
    max: z.number(),
    step: z.number().min(0.001),
    mode: z.enum(['auto', 'box', 'slider']).optional(),
    unit_of_measurement: z.literal('s'),
    device_class: z.literal('duration').optional(),
    optimistic: z.literal(false),
  })
  .refine((value) => value.min < value.max, { path: ['max'], message: 'must be more than min' });
const binarySensor = z.strictObject({
  ...common,
  ...read,
  platform: z.literal('binary_sensor'),
  default_entity_id: entityId('binary_sensor'),
  entity_category: told,
  payload_on: text,
  payload_off: text,
  device_class: z.enum(['connectivity', 'problem']),
});
const sensor = z
  .strictObject({
    ...common,
    ...read,
    platform: z.literal('sensor'),
    default_entity_id: entityId('sensor'),
    entity_category: told,
    device_class: z.enum(['timestamp', 'data_size', 'temperature']).optional(),
    state_class: z.enum(['measurement', 'total', 'total_increasing']).optional(),
    unit_of_measurement: text.optional(),
    suggested_display_precision: z.int().min(0).max(6).optional(),
  })
  .refine(
    ({ device_class, state_class, unit_of_measurement }) =>
      device_class !== 'timestamp' || (state_class === undefined && unit_of_measurement === undefined),
    { path: ['device_class'], message: 'a moment is no measurement and has no unit' },
  )
  .refine(
    ({ device_class, unit_of_measurement: unit }) => {
      if (device_class === 'temperature') return unit === '°C' || unit === '°F';
      return (
        device_class !== 'data_size' || ['B', 'kB', 'MB', 'GB', 'TB', 'KiB', 'MiB', 'GiB', 'TiB'].includes(unit ?? '')
      );
    },
    { path: ['unit_of_measurement'], message: 'is none of this class' },
  );
const update = z.strictObject({
  ...common,
  ...read,
  platform: z.literal('update'),
  default_entity_id: entityId('update'),
  entity_category: told,
  title: text.optional(),
  device_class: z.literal('firmware').optional(),
  latest_version_topic: topic.optional(),
  latest_version_template: template.optional(),
});

const device = z.strictObject({
  /** Or `connections`; ours always have identifiers. */
  identifiers: z.array(text).min(1),
  name: text,
  manufacturer: text.optional(),
  model: text.optional(),
  serial_number: text.optional(),
  sw_version: text.optional(),
  suggested_area: text.optional(),
  configuration_url: url.optional(),
  via_device: text.optional(),
});

/** A component that is taken away: its platform alone, and in the next message nothing. */
const removed = z.strictObject({
  platform: z.enum(['image', 'button', 'switch', 'number', 'binary_sensor', 'sensor', 'update']),
});
const component = z.union([image, button, toggle, number, binarySensor, sensor, update, removed]);
export type Component = z.infer<typeof component>;
export type Platform = z.infer<typeof removed>['platform'];

export const deviceDiscovery = z
  .strictObject({
    device,
    origin: z.strictObject({ name: text, sw_version: text.optional(), support_url: url.optional() }),
    components: z.record(z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/), component),
    availability: z.array(availability).optional(),
    availability_mode: availabilityMode.optional(),
    state_topic: topic.optional(),
    qos: qos.optional(),
  })
  .refine(
    ({ components }) => {
      const ids = Object.values(components).flatMap((one) => ('unique_id' in one ? [one.unique_id] : []));
      return new Set(ids).size === ids.length;
    },
    { path: ['components'], message: 'hold the same unique_id twice' },
  );
export type DeviceDiscovery = z.infer<typeof deviceDiscovery>;
