import { AsyncLocalStorage } from 'node:async_hooks';
import type { AuditStore } from '../audit/ports.ts';
import type { CallOp, OpArgs, OpName, OpResult } from './ops/ops.ts';

type Note = Parameters<AuditStore['noting']>[0];
/** An act that is under way. Its entry is taken by the first write that wants it, once. */
type Act = { readonly note: Note; isTaken: boolean };

/**
 * Lets writes take the entry of the act along of which they are part. Which act that is follows the calls (an async context), so
 * that the rooms between a door and the store need not know of it.
 */
export function notingCalls(call: CallOp): { call: CallOp; noting: AuditStore['noting'] } {
  const acts = new AsyncLocalStorage<Act>();

  const callNoted = async <Name extends OpName>(op: Name, args: OpArgs<Name>): Promise<OpResult<Name>> => {
    const act = acts.getStore();
    const tell = act?.note.writes[op];
    if (act === undefined || tell === undefined || act.isTaken) return call(op, args);
    act.isTaken = true;
    const { results = [], ...told } = tell(args as never);
    let hasDone = false;
    try {
      const result = await call(op, args, { entry: act.note.entry(told), results });
      hasDone = result !== false;
      return result;
    } finally {
      act.isTaken = hasDone;
    }
  };

  return {
    call: callNoted,
    async noting(note, work) {
      const act: Act = { note, isTaken: false };
      try {
        const result = await acts.run(act, work);
        return { result, isWritten: act.isTaken };
      } finally {
        // What was begun within the act may go on after it, and is no part of it then.
        act.isTaken = true;
      }
    },
  };
}
