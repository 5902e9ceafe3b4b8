// A program on client-go, in JSON and in protobuf, on both servers.
import { type BothServers, type ProgramComparison, compareProgram } from './both-servers.ts'
import { buildGoProgram } from './go-program.ts'

export const compareClientGo = async (servers: BothServers): Promise<ProgramComparison> =>
  compareProgram(servers, await buildGoProgram('client'), (kubeconfig) => [kubeconfig])
