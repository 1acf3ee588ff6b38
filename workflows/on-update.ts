import type { UpdateDefinition } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import type { Refusal } from '../domain/failure';
import { refusalFailure } from './failures';

interface UpdateHandler<Answer, Message> {
  /** Shown by the Temporal UI beside the update's name. */
  readonly description: string;
  /**
   * Judges shape, size and stage; what it refuses leaves no event. Synchronous by its type: the server never
   * awaits a validator, so a promise would count as acceptance and jam the workflow on bad input.
   */
  readonly validate: (message: unknown) => Refusal | null;
  readonly handle: (message: Message) => Promise<Answer>;
}

/** The only caller of `setHandler` for updates. */
export function onUpdate<Answer, Message>(
  definition: UpdateDefinition<Answer, [Message]>,
  { description, validate, handle }: UpdateHandler<Answer, Message>,
): void {
  setHandler(definition, handle, {
    description,
    validator: (message: unknown) => {
      const refusal = validate(message);
      if (refusal !== null) throw refusalFailure(refusal);
    },
  });
}
