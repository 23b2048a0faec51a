import type { Metrics } from '@plinth/kit'
import type { NodeBindings } from './exchange.ts'

type Fetch = (request: Request, bindings: NodeBindings) => Response | Promise<Response>

interface GateDeps {
  readonly serve: Fetch
  /** Answers what is too much. */
  readonly refuse: Fetch
  readonly answered: (bindings: NodeBindings, status: number) => void
  readonly metrics: Metrics
  readonly maxInFlight: number
}

// Those who watch the server must be answered above all when it is busy.
const isProbe = (url: string | undefined): boolean => /^\/(health|ready|metrics)\b/.test(url ?? '')

/** Bounds the work in flight: what comes beyond it is refused at once instead of waiting in a queue without end. */
export const createGate = ({ serve, refuse, answered, metrics, maxInFlight }: GateDeps) => {
  let inFlight = 0
  const admit: Fetch = async (request, bindings) => {
    inFlight++
    try {
      const response = await serve(request, bindings)
      answered(bindings, response.status)
      return response
    } finally {
      inFlight--
    }
  }
  return {
    inFlight: () => inFlight,
    fetch(request: Request, bindings: NodeBindings): Response | Promise<Response> {
      if (inFlight < maxInFlight || isProbe(bindings.incoming.url)) return admit(request, bindings)
      metrics.shed.inc()
      return refuse(request, bindings)
    },
  }
}
