use super::*;

impl House {
    fn group(&mut self, limit: i64) -> GroupKey {
        self.exchange.create_group(self.now, self.ann, 0, contracts(limit)).unwrap()
    }

    fn rest_in(&mut self, group: GroupKey, at: &str, count: i64) -> OrderKey {
        self.rest(self.ann, NewOrder { group: Some(group), ..bid(at, count) })
    }
}

#[test]
fn too_many_matched_contracts_pull_the_brake() {
    let mut house = House::empty();
    let group = house.group(10);
    let keys =
        [house.rest_in(group, "0.52", 8), house.rest_in(group, "0.51", 8), house.rest_in(group, "0.50", 8)];
    let free = house.rest(house.ann, bid("0.49", 8));
    house.news();
    let placed = house.place(house.bob, immediate(ask("0.49", 30)));
    assert_eq!(placed.filled, contracts(8 + 8 + 8), "the third order goes before it would be next");
    assert_eq!(house.view(keys[2]).status, OrderStatus::Cancelled(Removal::GroupTriggered));
    assert_eq!(house.view(free).status, OrderStatus::Executed);
    assert_eq!(house.words().iter().filter(|word| *word == "group triggered").count(), 1);
    let refused = house.try_place(house.ann, NewOrder { group: Some(group), ..bid("0.50", 1) });
    assert_eq!(refused, Err(Refusal::GroupTriggered));

    house.exchange.reset_group(house.now, house.ann, group).unwrap();
    house.rest_in(group, "0.50", 1);
    assert!(!house.exchange.group(house.ann, group).unwrap().is_triggered);
}

#[test]
fn an_order_is_stopped_by_its_own_group_on_the_way_in() {
    let mut house = House::open();
    let group = house.group(5);
    let placed = house.place(house.ann, NewOrder { group: Some(group), ..bid("0.63", 25) });
    assert_eq!(placed.filled, contracts(10));
    assert_eq!(house.view(placed.order).status, OrderStatus::Cancelled(Removal::GroupTriggered));
    assert_eq!(house.size(Side::Ask, "0.63"), contracts(20));
}

#[test]
fn fill_or_kill_reckons_with_brakes_that_would_be_pulled() {
    let mut house = House::empty();
    let group = house.group(5);
    house.rest_in(group, "0.52", 6);
    house.rest_in(group, "0.51", 6);
    house.rest(house.ann, bid("0.50", 4));
    let kill = |count| NewOrder { standing: Standing::FillOrKill, ..ask("0.50", count) };
    assert_eq!(house.try_place(house.bob, kill(11)), Err(Refusal::InsufficientVolume));
    assert_eq!(house.place(house.bob, kill(10)).filled, contracts(10));
}

#[test]
fn what_matched_fifteen_seconds_ago_no_longer_counts() {
    let mut house = House::empty();
    let group = house.group(10);
    for _ in 0..3 {
        house.rest_in(group, "0.50", 9);
        house.place(house.bob, immediate(ask("0.50", 9)));
        assert!(!house.exchange.group(house.ann, group).unwrap().is_triggered);
        house.wait(Duration::from_secs(15));
    }
}

#[test]
fn a_lower_limit_than_what_has_just_matched_pulls_the_brake() {
    let mut house = House::empty();
    let group = house.group(100);
    let key = house.rest_in(group, "0.50", 20);
    house.place(house.bob, immediate(ask("0.50", 9)));
    house.exchange.limit_group(house.now, house.ann, group, contracts(9)).unwrap();
    assert_eq!(house.view(key).status, OrderStatus::Resting);
    house.exchange.limit_group(house.now, house.ann, group, contracts(8)).unwrap();
    assert_eq!(house.view(key).status, OrderStatus::Cancelled(Removal::GroupTriggered));
    let wrong = house.exchange.limit_group(house.now, house.ann, group, Quantity::from_raw(99));
    assert_eq!(wrong, Err(Refusal::InvalidQuantity));
}

#[test]
fn a_group_can_be_triggered_by_hand_and_deleted_by_its_owner_alone() {
    let mut house = House::empty();
    let (first, second) = (house.group(10), house.group(10));
    let (by_hand, deleted) = (house.rest_in(first, "0.50", 1), house.rest_in(second, "0.50", 1));
    let (now, ann, bob) = (house.now, house.ann, house.bob);
    assert_eq!(house.exchange.trigger_group(now, bob, first), Err(Refusal::GroupNotFound));
    assert_eq!(house.exchange.groups(ann)[1].orders, [deleted]);
    house.news();
    house.exchange.trigger_group(now, ann, first).unwrap();
    house.exchange.delete_group(now, ann, second).unwrap();
    assert_eq!(house.view(by_hand).status, OrderStatus::Cancelled(Removal::GroupTriggered));
    assert_eq!(house.view(deleted).status, OrderStatus::Cancelled(Removal::Requested));
    let groups: Vec<GroupKey> = house.exchange.groups(ann).iter().map(|group| group.key).collect();
    assert_eq!(groups, [first]);
    let told: Vec<String> = house.words().into_iter().filter(|word| word.starts_with("group")).collect();
    assert_eq!(told, ["group triggered", "group deleted"]);
}

#[test]
fn a_group_serves_its_own_shard() {
    let mut house = House::empty();
    let group = house.exchange.create_group(house.now, house.ann, 2, contracts(10)).unwrap();
    let refused = house.try_place(house.ann, NewOrder { group: Some(group), ..bid("0.50", 1) });
    assert_eq!(refused, Err(Refusal::GroupNotFound));
    assert!(house.exchange.groups(house.bob).is_empty());
}
