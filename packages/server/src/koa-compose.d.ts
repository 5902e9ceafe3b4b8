// koa-compose has no types of its own, and those of DefinitelyTyped bring koa with them.
declare module 'koa-compose' {
  export default function compose<Context>(
    middleware: readonly ((context: Context, next: () => Promise<void>) => Promise<void>)[],
  ): (context: Context, next?: () => Promise<void>) => Promise<void>
}
