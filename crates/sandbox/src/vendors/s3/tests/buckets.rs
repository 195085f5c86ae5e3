//! Buckets: creation, listing and deletion, and the error for each invalid request.

use super::*;

#[tokio::test]
async fn bucket_lifecycle() {
    let fixture = Fixture::new();
    let here = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    fixture
        .expect_error(put("/fresh"), 400, "IllegalLocationConstraintException")
        .await;
    let reply = fixture.send(put("/fresh").body(here)).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("location")),
        (200, "/fresh"),
        "{}",
        reply.text()
    );
    fixture
        .expect_error(put("/fresh").body(here), 409, "BucketAlreadyOwnedByYou")
        .await;

    let head = fixture.send(head("/fresh")).await;
    assert_eq!(
        (head.status.as_u16(), head.header("x-amz-bucket-region")),
        (200, "eu-west-1")
    );
    let location = fixture.send(get("/fresh?location=")).await;
    assert!(location.text().contains("eu-west-1"), "{}", location.text());
    assert_eq!(
        fixture.send(get("/")).await.all("Name"),
        ["box", "fresh", "other"]
    );

    fixture.send(put("/fresh/k").body("v")).await;
    fixture
        .expect_error(delete("/fresh"), 409, "BucketNotEmpty")
        .await;
    fixture.send(delete("/fresh/k")).await;
    assert_eq!(fixture.send(delete("/fresh")).await.status, 204);
    fixture
        .expect_error(delete("/fresh"), 404, "NoSuchBucket")
        .await;
    fixture
        .expect_error(get("/fresh?location="), 404, "NoSuchBucket")
        .await;
}
