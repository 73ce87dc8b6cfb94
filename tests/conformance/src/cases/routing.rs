//! Where messages go: exchange types, patterns, alternates, further keys.

use lapin::Channel;
use lapin::options::ExchangeBindOptions;
use lapin::types::FieldTable;

use super::cases;
use crate::scene::{Published, Scene, Steps};
use crate::table;

cases! {
    direct_and_fanout: "E15",
    default_exchange: "E2",
    topic_words: "E20 E21 E22 E27",
    topic_wildcards_are_words: "E23 E24",
    topic_tables: "E27",
    topic_empty_words: "E20 E27",
    headers_all_and_any: "E30 E31 E32 E34",
    headers_with_x: "E30 E31",
    headers_without_arguments: "E34",
    headers_types: "E33",
    headers_mode_refused: "E30",
    bindings_that_are_the_same: "E11",
    several_ways_one_copy: "E12",
    a_ring_of_exchanges: "E12",
    alternate: "E13",
    alternate_chain: "E13",
    further_keys: "E14",
    further_keys_refused: "E14",
    random_local: "E16",
    exchange_to_exchange: "E10 E12",
}

/// direct compares octets, fanout nothing.
async fn direct_and_fanout(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let direct = s.exchange(&ch, "direct", "direct", table! {}).await?;
    let fanout = s.exchange(&ch, "fanout", "fanout", table! {}).await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.bind(&ch, &q, &direct, "key", table! {}).await?;
    s.bind(&ch, &q, &fanout, "key", table! {}).await?;
    for key in ["key", "Key", "key.", ""] {
        s.confirm(&ch, &direct, key, Published::from(key).mandatory())
            .await?;
        s.confirm(&ch, &fanout, key, Published::from(key).mandatory())
            .await?;
    }
    s.drain(&ch, &q).await
}

/// The default exchange routes by queue names, and stays as it is.
async fn default_exchange(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.confirm(&ch, "", &q, Published::from("to the queue").mandatory())
        .await?;
    s.confirm(
        &ch,
        "",
        "default_exchange.q ",
        Published::from("to nobody").mandatory(),
    )
    .await?;
    let channel = s.channel().await?;
    let answer = s.bind(&channel, &q, "", "k", table! {}).await;
    s.tell("bind", answer);
    let channel = s.channel().await?;
    let answer = channel
        .queue_unbind(q.as_str().into(), "".into(), q.as_str().into(), table! {})
        .await;
    s.tell("unbind", answer);
    let channel = s.channel().await?;
    let answer = channel.exchange_delete("".into(), Default::default()).await;
    s.tell("delete", answer);
    let channel = s.channel().await?;
    let answer = s
        .declared_exchange(&channel, "", "direct", Default::default(), table! {})
        .await;
    s.tell("declare", answer);
    s.drain(&ch, &q).await
}

/// Which of these patterns, each with a queue of its own, take which keys.
async fn topics(s: &mut Scene, patterns: &[&str], keys: &[&str]) -> Steps {
    let ch = s.confirming().await?;
    let x = s
        .exchange(&ch, &format!("x{}", patterns[0]), "topic", table! {})
        .await?;
    let mut queues = Vec::new();
    for pattern in patterns {
        let q = s
            .queue(&ch, &format!("{}/{pattern}", patterns[0]), table! {})
            .await?;
        s.bind(&ch, &q, &x, pattern, table! {}).await?;
        queues.push((q, *pattern));
    }
    for key in keys {
        s.put(&ch, &x, key, *key).await?;
    }
    let mut got = vec![Vec::new(); keys.len()];
    for (q, pattern) in &queues {
        while let Some(it) = ch.basic_get(q.as_str().into(), Default::default()).await? {
            let body = String::from_utf8_lossy(&it.delivery.data).into_owned();
            if let Some(at) = keys.iter().position(|key| *key == body) {
                got[at].push(format!("{pattern:?}"));
            }
        }
    }
    for (key, patterns) in keys.iter().zip(got) {
        s.say(format!("{key:?} -> {}", patterns.join(" ")));
    }
    Ok(())
}

/// One word, any words, no words.
async fn topic_words(s: &mut Scene) -> Steps {
    let patterns = [
        "foo.*",
        "foo.#",
        "foo.bar",
        "foo.*.baz",
        "#",
        "*",
        "*.*",
        "#.foo",
        "#.bar.#",
    ];
    let keys = [
        "foo.bar",
        "foo.bar.baz",
        "foo.bar.baz.qux",
        "bar.foo",
        "foo",
        "",
        "bar",
        "foo.",
    ];
    topics(s, &patterns, &keys).await
}

/// Wildcards are whole words, of the pattern.
async fn topic_wildcards_are_words(s: &mut Scene) -> Steps {
    let patterns = ["a*", "a.*", "simply#x", "a.#x", "*", "#", "A.b", "a.b"];
    let keys = [
        "a*", "ab", "simply#x", "a.#x", "a.x", "*", "#", "a.b", "A.B", "a.*",
    ];
    topics(s, &patterns, &keys).await
}

/// The tables of the rule.
async fn topic_tables(s: &mut Scene) -> Steps {
    let keys = ["a.b.c", "c", "x.y.b.c", "a.d", "a.b.c.d", "x", "x.c"];
    topics(s, &["#.c", "#.b.c", "a.#.d", "#.*.#"], &keys).await?;
    let patterns = [
        "a.b", "a.b.#", "a.b.c", "a.b.*", "a.b.d", "a.*.*", "a.*.#", "*.b.c",
    ];
    topics(s, &patterns, &["a.b.c", "a.b"]).await?;
    topics(s, &[".#", ".*", ".*.a.b.c"], &[".0.a.b.c"]).await
}

/// Empty words are words.
async fn topic_empty_words(s: &mut Scene) -> Steps {
    let patterns = [
        "", "*", "#", "*.*", "a.*", "a.*.b", "a.b", "a.#", "#.a.#", ".", "a.",
    ];
    let keys = ["", ".", "a", "a.", ".a", "a..b", "a.b", "..", "a.a"];
    topics(s, &patterns, &keys).await
}

/// Which of these bindings, each with a queue of its own, take which headers.
async fn headers(
    s: &mut Scene,
    bindings: &[(&str, FieldTable)],
    messages: &[(&str, FieldTable)],
) -> Steps {
    let ch = s.confirming().await?;
    let x = s.exchange(&ch, "x", "headers", table! {}).await?;
    for (name, arguments) in bindings {
        let q = s.queue(&ch, name, table! {}).await?;
        s.bind(&ch, &q, &x, "", arguments.clone()).await?;
    }
    for (body, headers) in messages {
        s.put(
            &ch,
            &x,
            "any",
            Published::from(*body).headers(headers.clone()),
        )
        .await?;
    }
    for (name, _) in bindings {
        let q = s.name(name);
        s.bodies(&ch, &q).await?;
    }
    Ok(())
}

/// The binding of the rule's table.
fn binding(mode: &str) -> FieldTable {
    table! {
        "h1" => 12345, "h2" => "bar", "h3" => (), "x-match" => mode,
        "x-key-1" => "bindings starting with x- get filtered out",
    }
}

/// The messages of the rule's table.
fn messages() -> Vec<(&'static str, FieldTable)> {
    vec![
        ("none", table! {}),
        (
            "x",
            table! { "x-key-1" => "bindings starting with x- get filtered out" },
        ),
        ("neither", table! { "h1" => "zot", "h2" => "quux" }),
        ("h1", table! { "h1" => 12345 }),
        ("h2", table! { "h2" => "bar" }),
        ("h3", table! { "h3" => () }),
        ("h1h2", table! { "h1" => 12345, "h2" => "bar" }),
        ("h1-", table! { "h1" => 12345, "h2" => "quux" }),
        ("--h3", table! { "h1" => "zot", "h2" => "quux", "h3" => () }),
        ("void", table! { "h1" => 12345, "h2" => "bar", "h3" => () }),
        (
            "text",
            table! { "h1" => 12345, "h2" => "bar", "h3" => "any" },
        ),
        (
            "more",
            table! { "h1" => 12345, "h2" => "bar", "h3" => 1, "h4" => 2 },
        ),
        (
            "all-x",
            table! {
                "h1" => 12345, "h2" => "bar", "h3" => 1,
                "x-key-1" => "bindings starting with x- get filtered out",
            },
        ),
    ]
}

/// All of the headers, or any of them.
async fn headers_all_and_any(s: &mut Scene) -> Steps {
    let mut without = binding("all");
    without = without
        .inner()
        .iter()
        .filter(|it| it.0.as_str() != "x-match")
        .fold(FieldTable::default(), |mut table, (name, value)| {
            table.insert(name.clone(), value.clone());
            table
        });
    let bindings = [
        ("all", binding("all")),
        ("any", binding("any")),
        ("default", without),
    ];
    headers(s, &bindings, &messages()).await
}

/// The modes that compare headers which begin with `x-` too.
async fn headers_with_x(s: &mut Scene) -> Steps {
    let bindings = [
        ("all-x", binding("all-with-x")),
        ("any-x", binding("any-with-x")),
    ];
    headers(s, &bindings, &messages()).await
}

/// Bindings without anything to be compared.
async fn headers_without_arguments(s: &mut Scene) -> Steps {
    let bindings = [
        ("empty", table! {}),
        ("all", table! { "x-match" => "all" }),
        ("any", table! { "x-match" => "any" }),
        ("only-x", table! { "x-match" => "all", "x-other" => 1 }),
        ("any-only-x", table! { "x-match" => "any", "x-other" => 1 }),
        ("any-with-x", table! { "x-match" => "any-with-x" }),
    ];
    headers(
        s,
        &bindings,
        &[("none", table! {}), ("a", table! { "a" => 1 })],
    )
    .await
}

/// Values are compared, and not how they are written.
async fn headers_types(s: &mut Scene) -> Steps {
    let bindings = [
        ("int", table! { "a" => 1 }),
        ("long", table! { "a" => 1_i64 }),
        ("double", table! { "a" => 1.0 }),
        ("text", table! { "a" => "1" }),
        ("true", table! { "a" => true }),
        ("array", table! { "a" => vec![1, 2] }),
        ("table", table! { "a" => table! { "b" => 1 } }),
    ];
    let messages = [
        ("int", table! { "a" => 1 }),
        ("octet", table! { "a" => 1_i8 }),
        ("long", table! { "a" => 1_i64 }),
        ("double", table! { "a" => 1.0 }),
        ("text", table! { "a" => "1" }),
        ("true", table! { "a" => true }),
        ("array", table! { "a" => vec![1, 2] }),
        ("longs", table! { "a" => vec![1_i64, 2_i64] }),
        ("table", table! { "a" => table! { "b" => 1 } }),
    ];
    headers(s, &bindings, &messages).await
}

/// Other modes are refused.
async fn headers_mode_refused(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let x = s.exchange(&ch, "x", "headers", table! {}).await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let modes = [
        table! { "x-match" => "some" },
        table! { "x-match" => 1 },
        table! { "x-match" => () },
    ];
    for mode in modes {
        let ch = s.channel().await?;
        let answer = s.bind(&ch, &q, &x, "", mode).await;
        s.tell("headers", answer);
    }
    let ch = s.channel().await?;
    let answer = s
        .bind(&ch, &q, "amq.topic", "k", table! { "x-match" => "some" })
        .await;
    s.tell("topic", answer);
    Ok(())
}

/// What makes two bindings one.
async fn bindings_that_are_the_same(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let x = s.exchange(&ch, "x", "direct", table! {}).await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let unbind = async |ch: &Channel, key: &str, arguments| {
        ch.queue_unbind(q.as_str().into(), x.as_str().into(), key.into(), arguments)
            .await
    };
    s.bind(&ch, &q, &x, "k", table! { "a" => 1, "b" => 2 })
        .await?;
    s.bind(&ch, &q, &x, "k", table! { "b" => 2, "a" => 1 })
        .await?;
    s.bind(&ch, &q, &x, "k", table! {}).await?;
    s.put(&ch, &x, "k", "one copy").await?;
    unbind(&ch, "k", table! { "a" => 1 }).await?;
    unbind(&ch, "k", table! {}).await?;
    s.put(&ch, &x, "k", "still bound").await?;
    unbind(&ch, "k", table! { "b" => 2, "a" => 1 }).await?;
    s.confirm(&ch, &x, "k", Published::from("not any more").mandatory())
        .await?;
    let answer = unbind(&ch, "k", table! {}).await;
    s.tell("unbind what is not bound", answer);
    let missing = ch
        .queue_unbind("nothing".into(), "nowhere".into(), "k".into(), table! {})
        .await;
    s.tell("unbind what is not there", missing);
    let answer = s.bind(&ch, &q, "nowhere", "k", table! {}).await;
    s.tell("bind to nothing", answer);
    let ch = s.confirming().await?;
    let answer = s.bind(&ch, "nothing", &x, "k", table! {}).await;
    s.tell("bind nothing", answer);
    let ch = s.confirming().await?;
    s.drain(&ch, &q).await
}

/// However many ways lead to a queue, it gets one copy.
async fn several_ways_one_copy(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let x = s.exchange(&ch, "x", "topic", table! {}).await?;
    let y = s.exchange(&ch, "y", "fanout", table! {}).await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    for pattern in ["#", "a.*", "a.b", "*.b"] {
        s.bind(&ch, &q, &x, pattern, table! {}).await?;
    }
    s.bind_exchange(&ch, &y, &x, "#").await?;
    s.bind(&ch, &q, &y, "", table! {}).await?;
    let twice = table! { "CC" => vec!["a.c", q.as_str()] };
    s.put(&ch, &x, "a.b", Published::from("once").headers(twice))
        .await?;
    s.drain(&ch, &q).await
}

/// Exchanges bound in a ring do no harm.
async fn a_ring_of_exchanges(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let mut ring = Vec::new();
    for name in ["a", "b", "c"] {
        ring.push(s.exchange(&ch, name, "fanout", table! {}).await?);
    }
    for at in 0..3 {
        s.bind_exchange(&ch, &ring[(at + 1) % 3], &ring[at], "")
            .await?;
    }
    s.bind_exchange(&ch, &ring[0], &ring[0], "").await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.bind(&ch, &q, &ring[2], "", table! {}).await?;
    for x in &ring {
        s.confirm(&ch, x, "", Published::from(x.as_str()).mandatory())
            .await?;
    }
    s.bodies(&ch, &q).await
}

/// What an exchange does not match goes to its alternate.
async fn alternate(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let other = s.exchange(&ch, "other", "fanout", table! {}).await?;
    let x = s
        .exchange(
            &ch,
            "x",
            "direct",
            table! { "alternate-exchange" => &other },
        )
        .await?;
    let dead_end = s.exchange(&ch, "dead-end", "direct", table! {}).await?;
    let (q, rest) = (
        s.queue(&ch, "q", table! {}).await?,
        s.queue(&ch, "rest", table! {}).await?,
    );
    s.bind(&ch, &q, &x, "k", table! {}).await?;
    s.bind(&ch, &rest, &other, "", table! {}).await?;
    s.bind_exchange(&ch, &dead_end, &x, "lost").await?;
    for key in ["k", "else", "lost"] {
        s.confirm(&ch, &x, key, Published::from(key).mandatory())
            .await?;
    }
    s.drain(&ch, &q).await?;
    s.drain(&ch, &rest).await
}

/// Alternates of alternates, back to the first, and one that is not there.
async fn alternate_chain(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let first = s.name("first");
    let third = s
        .exchange(
            &ch,
            "third",
            "direct",
            table! { "alternate-exchange" => &first },
        )
        .await?;
    let second = s
        .exchange(
            &ch,
            "second",
            "direct",
            table! { "alternate-exchange" => &third },
        )
        .await?;
    let first = s
        .exchange(
            &ch,
            "first",
            "direct",
            table! { "alternate-exchange" => &second },
        )
        .await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.bind(&ch, &q, &third, "k", table! {}).await?;
    s.confirm(
        &ch,
        &first,
        "k",
        Published::from("by way of two").mandatory(),
    )
    .await?;
    s.confirm(&ch, &first, "none", Published::from("round").mandatory())
        .await?;
    let missing = table! { "alternate-exchange" => "nowhere" };
    let lonely = s.exchange(&ch, "lonely", "direct", missing).await?;
    s.confirm(&ch, &lonely, "k", Published::from("nowhere").mandatory())
        .await?;
    s.drain(&ch, &q).await
}

/// CC and BCC add keys, and BCC is taken away.
async fn further_keys(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let mut queues = Vec::new();
    for name in ["key", "cc", "bcc"] {
        queues.push(s.queue(&ch, name, table! {}).await?);
    }
    let [key, cc, bcc] = &queues[..] else {
        return Ok(());
    };
    let headers =
        table! { "CC" => vec![cc.as_str(), cc.as_str()], "BCC" => vec![bcc.as_str()], "a" => 1 };
    s.put(&ch, "", key, Published::from("all").headers(headers))
        .await?;
    let headers = table! { "CC" => vec![key.as_str()] };
    s.confirm(
        &ch,
        "",
        "nobody",
        Published::from("by CC").headers(headers).mandatory(),
    )
    .await?;
    let headers = table! { "CC" => vec![1, 2], "BCC" => vec!["nobody"] };
    s.confirm(
        &ch,
        "",
        "nobody",
        Published::from("none").headers(headers).mandatory(),
    )
    .await?;
    for q in &queues {
        s.drain(&ch, q).await?;
    }
    Ok(())
}

/// CC and BCC are arrays, or else.
async fn further_keys_refused(s: &mut Scene) -> Steps {
    for headers in [
        table! { "CC" => "text" },
        table! { "BCC" => 1 },
        table! { "CC" => () },
    ] {
        let ch = s.confirming().await?;
        s.confirm(
            &ch,
            "amq.direct",
            "k",
            Published::from("x").headers(headers),
        )
        .await?;
    }
    Ok(())
}

/// An exchange that chooses one of its queues.
async fn random_local(s: &mut Scene) -> Steps {
    let x = s.name("x");
    let ch = s.confirming().await?;
    let answer = s
        .declared_exchange(&ch, &x, "x-local-random", Default::default(), table! {})
        .await;
    if s.tell("declare", answer).is_none() {
        return Ok(());
    }
    let q = s.queue(&ch, "q", table! {}).await?;
    s.bind(&ch, &q, &x, "", table! {}).await?;
    s.confirm(&ch, &x, "any", Published::from("one").mandatory())
        .await?;
    s.drain(&ch, &q).await?;
    let channel = s.channel().await?;
    let answer = s.bind(&channel, &q, &x, "k", table! {}).await;
    s.tell("bind with a key", answer);
    Ok(())
}

/// Exchanges bound to exchanges.
async fn exchange_to_exchange(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let x = s.exchange(&ch, "x", "direct", table! {}).await?;
    let y = s.exchange(&ch, "y", "topic", table! {}).await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.bind_exchange(&ch, &y, &x, "a.b").await?;
    s.bind(&ch, &q, &y, "*.b", table! {}).await?;
    s.confirm(&ch, &x, "a.b", Published::from("matches both").mandatory())
        .await?;
    s.confirm(
        &ch,
        &x,
        "c.b",
        Published::from("only the second").mandatory(),
    )
    .await?;
    for (to, from) in [
        (y.as_str(), "nowhere"),
        ("nowhere", x.as_str()),
        ("", x.as_str()),
        (y.as_str(), ""),
    ] {
        let ch = s.channel().await?;
        let how = ExchangeBindOptions::default();
        let answer = ch
            .exchange_bind(to.into(), from.into(), "k".into(), how, table! {})
            .await;
        s.tell(&format!("bind {to:?} to {from:?}"), answer);
    }
    let answer = ch.exchange_unbind(
        y.as_str().into(),
        x.as_str().into(),
        "z".into(),
        Default::default(),
        table! {},
    );
    let answer = answer.await;
    s.tell("unbind", answer);
    s.bodies(&ch, &q).await
}
