/**
 * A process that does the gateway's work until a plan is applied, to be killed. Arguments: the place as JSON, the id of the plan; prints `applied` at the end.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type LabPlace, openPlace } from '../../src/gateway/provisioning-lab.contract.ts';

const [place, planId] = process.argv.slice(2);
const gateway = await openPlace(JSON.parse(place!) as LabPlace);
gateway.startWork({ scheduled: false });
/** Taking accounts over ends with the proof that all of them are there. */
const isOver = async (): Promise<boolean> => {
  const { plan } = await gateway.provisioning.plan(planId!);
  const { state } = await gateway.provisioning.status(plan.connectionId);
  return plan.state === 'applied' && state.adoption.state !== 'pushing';
};
while (!(await isOver())) await pause(20);
await gateway.close();
process.stdout.write('applied\n');
