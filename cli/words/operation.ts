import type { StatusView } from '../../api/client';

export type ShownKind = NonNullable<StatusView['operation']>['kind'];

const NAMES: Readonly<Record<ShownKind, string>> = {
  create: 'creation',
  activate: 'activation',
  rotate: 'rotation',
  'change-connection': 'change of connection',
  offboard: 'offboarding',
};

/** What people call an operation of this kind. */
export const operationName = (kind: ShownKind): string => NAMES[kind];
