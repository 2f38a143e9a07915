// Drives the simulated exchange with the exchange's own SDK, as any program of its users would: markets, books,
// orders from creation to cancel, batches, groups, positions, fills, balance. Takes the line that `kalshi-bot sim`
// prints in the variable SIM, and ends with one JSON line that names the operations it used.
'use strict';

const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const sdk = require('kalshi-typescript');

const sim = JSON.parse(process.env.SIM);
const configuration = new sdk.Configuration({
  basePath: sim.rest,
  apiKey: sim.api_key_id,
  privateKeyPath: sim.private_key_path,
});

const used = [];

// Wraps an API object so that every call notes its name and gives back the body.
function noting(api) {
  return new Proxy(api, {
    get: (target, name) => async (...parameters) => {
      const answer = await target[name](...parameters);
      if (!used.includes(name)) used.push(name);
      return answer.data;
    },
  });
}

const exchange = noting(new sdk.ExchangeApi(configuration));
const markets = noting(new sdk.MarketApi(configuration));
const events = noting(new sdk.EventsApi(configuration));
const orders = noting(new sdk.OrdersApi(configuration));
const groups = noting(new sdk.OrderGroupsApi(configuration));
const portfolio = noting(new sdk.PortfolioApi(configuration));
const account = noting(new sdk.AccountApi(configuration));

// Expects a call to be refused, and gives back the status and the lower-case code.
async function refused(call, status) {
  try {
    await call();
  } catch (error) {
    assert.equal(error.response?.status, status, `expected ${status}: ${error.message} ${JSON.stringify(error.response?.data)}`);
    const body = error.response.data;
    return String(body?.error?.code ?? body?.code ?? '').toLowerCase();
  }
  assert.fail(`expected a refusal with ${status}`);
}

let sequence = 0;
function order(ticker, side, price, count, more = {}) {
  sequence += 1;
  return {
    ticker,
    side,
    price,
    count,
    time_in_force: 'good_till_canceled',
    self_trade_prevention_type: 'taker_at_cross',
    client_order_id: `sdk-${process.pid}-${sequence}`,
    ...more,
  };
}

// Dollar strings as whole micro-dollars: no float comes near money here either.
function micro(text) {
  const [, sign, whole, part = ''] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  return BigInt(`${sign}${whole}${part.padEnd(6, '0')}`);
}

async function readTheExchange() {
  const status = await exchange.getExchangeStatus();
  assert.equal(status.trading_active, true);
  const schedule = await exchange.getExchangeSchedule();
  assert.ok(Array.isArray(schedule.schedule.standard_hours));
  assert.ok(Date.parse((await exchange.getUserDataTimestamp()).as_of_time) > 0);
  const limits = await account.getAccountApiLimits();
  assert.ok(limits.read.refill_rate > 0 && limits.write.bucket_capacity > 0);
  const costs = await account.getAccountEndpointCosts();
  assert.equal(costs.default_cost, 10);
}

async function readTheMarkets() {
  const first = await markets.getMarkets(2, undefined, undefined, undefined, undefined, undefined, undefined,
    undefined, undefined, undefined, undefined, 'open');
  assert.equal(first.markets.length, 2);
  assert.notEqual(first.cursor, '');
  const second = await markets.getMarkets(2, first.cursor, undefined, undefined, undefined, undefined, undefined,
    undefined, undefined, undefined, undefined, 'open');
  const names = [...first.markets, ...second.markets].map((market) => market.ticker);
  assert.equal(new Set(names).size, names.length, 'a page repeats a market');

  const open = await markets.getMarkets(1000, undefined, undefined, undefined, undefined, undefined, undefined,
    undefined, undefined, undefined, undefined, 'open');
  const liquid = open.markets.filter((market) => micro(`${market.yes_ask_size_fp}`) > 20_000_000n
    && micro(`${market.yes_bid_size_fp}`) > 20_000_000n
    && micro(market.yes_bid_dollars) >= 50_000n && micro(market.yes_ask_dollars) <= 950_000n);
  assert.ok(liquid.length >= 1, 'no market has both sides');
  const chosen = liquid[0];
  const one = await markets.getMarket(chosen.ticker);
  assert.equal(one.market.ticker, chosen.ticker);
  const event = await events.getEvent(chosen.event_ticker, true);
  assert.ok(event.event.markets.some((market) => market.ticker === chosen.ticker));
  assert.ok((await events.getEvents(10)).events.length > 0);
  const series = await markets.getSeries(event.event.series_ticker);
  assert.match(series.series.fee_type, /^quadratic/);
  assert.ok((await markets.getSeriesList()).series.length > 0);
  assert.ok(Array.isArray((await markets.getTrades(5, undefined, chosen.ticker)).trades));

  const book = (await markets.getMarketOrderbook(chosen.ticker)).orderbook_fp;
  assert.ok(book.yes_dollars.length > 0 && book.no_dollars.length > 0);
  const prices = book.yes_dollars.map(([price]) => micro(price));
  assert.ok(prices.every((price, index) => index === 0 || price > prices[index - 1]), 'levels ascend');
  const several = await markets.getMarketOrderbooks([chosen.ticker, first.markets[0].ticker]);
  assert.equal(several.orderbooks.length, new Set([chosen.ticker, first.markets[0].ticker]).size);
  return chosen;
}

async function liveOfAnOrder(market) {
  const request = order(market.ticker, 'bid', '0.0200', '10.00', { post_only: true });
  const created = await orders.createOrderV2(request);
  assert.equal(created.client_order_id, request.client_order_id);
  assert.equal(micro(created.remaining_count), 10_000_000n);
  await refused(() => orders.createOrderV2(request), 409);

  const read = (await orders.getOrder(created.order_id)).order;
  assert.equal(read.status, 'resting');
  assert.equal(read.book_side, 'bid');
  const resting = await orders.getOrders(market.ticker, undefined, undefined, undefined, 'resting');
  assert.ok(resting.orders.some((it) => it.order_id === created.order_id));
  const queue = await orders.getOrderQueuePositions(market.ticker);
  assert.ok(queue.queue_positions.some((it) => it.order_id === created.order_id));

  const amended = await orders.amendOrderV2(created.order_id, {
    ticker: market.ticker, side: 'bid', price: '0.0300', count: '8.00',
  });
  assert.equal(micro(amended.remaining_count), 8_000_000n);
  const decreased = await orders.decreaseOrderV2(created.order_id, { reduce_by: '3.00' });
  assert.equal(micro(decreased.remaining_count), 5_000_000n);
  const cancelled = await orders.cancelOrderV2(created.order_id, undefined, undefined, market.ticker);
  assert.equal(micro(cancelled.reduced_by), 5_000_000n);
  await refused(() => orders.cancelOrderV2(created.order_id, undefined, undefined, market.ticker), 404);
  assert.equal((await orders.getOrder(created.order_id)).order.status, 'canceled');
}

async function whatIsRefused(market) {
  const off = await refused(() => orders.createOrderV2(order(market.ticker, 'bid', '0.0201', '1.00')), 400);
  assert.equal(off, 'invalid_price');
  await refused(() => orders.createOrderV2(order(market.ticker, 'bid', '0.0200', '0.00')), 400);
  const poor = await refused(() => orders.createOrderV2(order(market.ticker, 'bid', '0.0200', '900000000.00')), 400);
  assert.match(poor, /balance/);
  await refused(() => orders.createOrderV2(order('KXNOSUCHMARKET-1', 'bid', '0.0200', '1.00')), 404);
  await refused(() => markets.getMarket('KXNOSUCHMARKET-1'), 404);
  const nothing = (await markets.getMarketOrderbook('KXNOSUCHMARKET-1')).orderbook_fp;
  assert.deepEqual([nothing.yes_dollars, nothing.no_dollars], [[], []]);
  await refused(() => markets.getMarkets(1001), 400);
}

async function aTrade(market) {
  const before = micro((await portfolio.getBalance()).balance_dollars);
  const fresh = (await markets.getMarketOrderbook(market.ticker)).orderbook_fp;
  const [bestNo] = fresh.no_dollars.at(-1);
  const ask = 1_000_000n - micro(bestNo);
  const limit = `0.${String(ask + 0n).padStart(6, '0').slice(0, 4)}`;
  const taken = await orders.createOrderV2(order(market.ticker, 'bid', limit, '3.00', {
    time_in_force: 'immediate_or_cancel',
  }));
  const filled = micro(taken.fill_count);
  assert.ok(filled > 0n, `nothing was filled at ${limit}`);
  assert.equal(micro(taken.remaining_count), 0n);

  const fills = (await portfolio.getFills(market.ticker, taken.order_id)).fills;
  const sum = fills.reduce((total, fill) => total + micro(fill.count_fp), 0n);
  assert.equal(sum, filled, 'fills add up to the fill count');
  const spent = fills.reduce(
    (total, fill) => total + micro(fill.yes_price_dollars) * micro(fill.count_fp) / 1_000_000n + micro(fill.fee_cost), 0n);
  const positions = (await portfolio.getPositions(undefined, undefined, undefined, market.ticker)).market_positions;
  assert.equal(micro(positions[0].position_fp), filled);
  const after = await portfolio.getBalance();
  assert.equal(before - micro(after.balance_dollars), spent, 'cash fell by cost and fees, to the micro-dollar');
  const shards = after.balance_breakdown.reduce((total, shard) => total + micro(shard.balance), 0n);
  assert.equal(shards, micro(after.balance_dollars), 'the shards add up');
  assert.ok(Array.isArray((await portfolio.getSettlements()).settlements));
}

async function batches(market) {
  const wanted = ['0.0100', '0.0200', '0.0205'].map((price) => order(market.ticker, 'bid', price, '1.00'));
  const made = await orders.batchCreateOrdersV2({ orders: wanted });
  assert.equal(made.orders.length, 3);
  const [first, second, third] = wanted.map((one) => made.orders.find((it) => it.client_order_id === one.client_order_id));
  assert.ok(first.order_id && second.order_id);
  assert.ok(third === undefined || third.error, 'a price off the grid is refused inside the batch');
  const gone = await orders.batchCancelOrdersV2({
    orders: [first, second].map(({ order_id }) => ({ order_id, market_ticker: market.ticker })),
  });
  assert.deepEqual(gone.orders.map((it) => micro(it.reduced_by)), [1_000_000n, 1_000_000n]);
}

async function brakes(market) {
  const shard = market.exchange_index ?? 0;
  const group = await groups.createOrderGroup({ contracts_limit: 50, exchange_index: shard });
  const id = group.order_group_id;
  const inside = await orders.createOrderV2(order(market.ticker, 'bid', '0.0200', '2.00', { order_group_id: id }));
  assert.deepEqual((await groups.getOrderGroup(id)).orders, [inside.order_id]);
  assert.ok((await groups.getOrderGroups()).order_groups.some((it) => it.id === id));
  await groups.updateOrderGroupLimit(id, { contracts_limit: 60 }, undefined, shard);
  await groups.triggerOrderGroup(id, undefined, shard);
  assert.equal((await orders.getOrder(inside.order_id)).order.status, 'canceled');
  await refused(() => orders.createOrderV2(order(market.ticker, 'bid', '0.0200', '2.00', { order_group_id: id })), 400);
  await groups.resetOrderGroup(id, undefined, shard);
  await orders.createOrderV2(order(market.ticker, 'bid', '0.0200', '2.00', { order_group_id: id }));
  await groups.deleteOrderGroup(id, undefined, shard);
}

async function everythingOff(market) {
  await orders.createOrderV2(order(market.ticker, 'bid', '0.0100', '1.00'));
  await orders.cancelAllOrders();
  for (let tries = 0; tries < 50; tries += 1) {
    const left = (await orders.getOrders(undefined, undefined, undefined, undefined, 'resting')).orders;
    if (left.length === 0) return;
    await pause(100);
  }
  assert.fail('orders rest after all were cancelled');
}

async function main() {
  await readTheExchange();
  const market = await readTheMarkets();
  await liveOfAnOrder(market);
  await whatIsRefused(market);
  await aTrade(market);
  await batches(market);
  await brakes(market);
  await everythingOff(market);
  process.stdout.write(`${JSON.stringify({ market: market.ticker, used: used.sort() })}\n`);
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  if (error.response) process.stderr.write(`${error.response.status} ${JSON.stringify(error.response.data)}\n`);
  process.exitCode = 1;
});
